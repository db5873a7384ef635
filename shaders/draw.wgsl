// Stage 1 alone, for objectives that run elsewhere: the chunk's points in the user's coordinates, row by row.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_draw_place(workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  var u = ms_draw_point(place);
  let x = ms_user_point(&u);
  for (var i = 0u; i < DIM; i++) {
    ms_user_points[place.index * DIM + i] = x[i];
  }
}
