// Kernel A: draw + evaluate + log q, each component's own samples. Writes the values and, for the moments, the whitened draw
// and (where the estimator asks) the whitened gradient and Hessian of f = l - omega log q, as structures of arrays.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_chunk_place(workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  let k = place.component;
  var eps = ms_draw_normals(place.sample, k);
  var x = ms_place(k, &eps, ms_params.draw_scale);
  let value = ms_sample_value(k, &x, place.index);
  ms_values[k * ms_params.samples + place.sample] = value;
  for (var i = 0u; i < DIM; i++) {
    ms_eps[i * ms_chunk.stride + place.index] = ms_params.draw_scale * eps[i];
  }
}
