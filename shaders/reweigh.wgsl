// A shared batch as one component sees it: whitened draws and gradients, and the importance weight share_k N_k(x)/proposal(x): for fresh
// rows a responsibility, unless the share is below the least one (ms_LEAST_LOG_SHARE).

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
  let row = ms_ring(place.sample);
  let position = row - ms_chunk.first_sample;
  var x: Point;
  for (var i = 0u; i < DIM; i++) {
    x[i] = ms_points[i * ms_chunk.batch_stride + position];
  }
  var y: Point;
  let log_own = ms_component_log_density(k, ms_whiten(k, &x, &y));
  let weight = ms_row_weight(k, log_own, ms_values[row]);
  ms_weights[place.index] = weight;
  for (var i = 0u; i < DIM; i++) {
    ms_eps[i * ms_chunk.stride + place.index] = y[i];
  }
  if (weight > 0.0) {
    ms_reweigh_slopes(k, place.index, position);
  }
}
