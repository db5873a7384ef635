// Kernel A for a shared batch: draw + evaluate its fresh rows. Every component will use every row, by importance weights.
// Writes l and the row's origin, the points, and the gradient of l in search coordinates, into the ring of rows.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_place_among(1u, ms_control.fresh, workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  let origin = ms_choose(place.sample);
  var eps = ms_draw_normals(place.sample, ms_SHARED);
  var x = ms_place(origin, &eps, ms_params.draw_scale);
  let row = ms_ring(ms_control.rows - ms_control.fresh + place.sample);
  let position = row - ms_chunk.first_sample;
  let l = ms_fresh_value(&x, place, position);
  ms_values[row] = vec4f(l, 0.0, 0.0, ms_components[origin * ms_RECORD + ms_ID]);
  for (var i = 0u; i < DIM; i++) {
    ms_points[i * ms_chunk.batch_stride + position] = x[i];
  }
}
