// Fresh rows of the shared batch, counted as such.
fn ms_draw_place(workgroup: vec3u, lane: u32) -> ms_Place {
  return ms_place_among(1u, ms_control.fresh, workgroup, lane);
}

fn ms_draw_point(place: ms_Place) -> Point {
  var eps = ms_draw_normals(place.sample, ms_SHARED);
  return ms_place(ms_choose(place.sample), &eps, ms_params.draw_scale);
}
