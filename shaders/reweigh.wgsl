// A shared batch as one component sees it: whitened draws and gradients, and the importance weight share_k N_k(x)/proposal(x): for fresh
// rows a responsibility, unless the share is below the least one (ms_LEAST_LOG_SHARE).

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_group_among(ms_control.components, ms_control.rows, workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  let k = place.component;
  var points = ms_read_points(place);
  var x: ms_Points;
  ms_collect(&points, &x);
  var y: ms_Points;
  let log_own = ms_numbers(ms_component_log_density(k, ms_whiten(k, &x, &y)));
  ms_spread(&y, &points);
  var counts = false;
  for (var s = 0u; s < place.count; s++) {
    let index = place.index + s * place.step;
    let row = ms_ring(place.sample + s * place.step);
    let weight = ms_row_weight(k, log_own[s], ms_values[row]);
    ms_weights[index] = weight;
    for (var i = 0u; i < DIM; i++) {
      ms_eps[i * ms_chunk.stride + index] = points[s][i];
    }
    counts = counts || weight > 0.0;
  }
  if (counts) {
    ms_reweigh_slopes(place);
  }
}
