// Kernel A for a shared batch: every component will use every sample, by importance weights. Writes values with the proposal's
// log density, the points, and the gradient of f in search coordinates; the reweigh kernel whitens them for each component.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_chunk_place(workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  var eps = ms_draw_normals(place.sample, ms_SHARED);
  var x = ms_place(ms_choose(place.sample), &eps, ms_params.draw_scale);
  ms_values[place.sample] = ms_shared_value(&x, place.index);
  for (var i = 0u; i < DIM; i++) {
    ms_points[i * ms_chunk.batch_stride + place.index] = x[i];
  }
}
