// A shared batch as one component sees it: whitened draws and gradients, and the importance weight N_k(x)/proposal(x).

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
  let batch_index = place.sample - ms_chunk.first_sample;
  var x: Point;
  for (var i = 0u; i < DIM; i++) {
    x[i] = ms_points[i * ms_chunk.batch_stride + batch_index];
  }
  var y: Point;
  let log_own = ms_component_log_density(k, ms_whiten(k, &x, &y));
  ms_weights[place.index] = exp(clamp(log_own - ms_values[place.sample].z, -87.0, 40.0));
  for (var i = 0u; i < DIM; i++) {
    ms_eps[i * ms_chunk.stride + place.index] = y[i];
  }
  ms_reweigh_slopes(k, place.index, batch_index);
}
