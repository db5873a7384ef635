// Each component's own samples.
fn ms_draw_place(workgroup: vec3u, lane: u32) -> ms_Place {
  return ms_place_among(ms_control.components, ms_control.rows, workgroup, lane);
}

fn ms_draw_point(place: ms_Place) -> Point {
  var eps = ms_draw_normals(place.sample, place.component);
  return ms_place(place.component, &eps, ms_params.draw_scale);
}
