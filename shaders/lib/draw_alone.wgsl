// A group of one sample: its normals, or what the whiten kernel made of them.
fn ms_draw_group(place: ms_GroupPlace, y: ptr<function, ms_Points>) {
  *y = ms_draw_normals(place.sample, place.component);
}
