// What every exploration node counts for its component, as a logarithm (kalman.md 3.1.2). One invocation a node of a component.
// ms_MATCHED: nodes from N(m, C/(1-h)) count f = (w_k N_k / rho)^h, times the rule's own weight; else sigma points count w_k rho^-h.
// ms_nodes holds a row of DIM coordinates and a weight for each of `samples` nodes.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let k = at / ms_params.samples;
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  let node = (at % ms_params.samples) * (DIM + 1u);
  let h = ms_params.rate;
  let scale = select(1.0, inverseSqrt(1.0 - h), ms_MATCHED);
  var eps: Point;
  var square = 0.0;
  for (var i = 0u; i < DIM; i++) {
    eps[i] = ms_nodes[node + i];
    square += eps[i] * eps[i];
  }
  var x = ms_place(k, &eps, scale);
  var y: Point;
  let own = ms_components[k * ms_RECORD + ms_LOG_NORM] + ms_components[k * ms_RECORD + ms_LOG_WEIGHT] - 0.5 * scale * scale * square;
  var top = own;
  var sum = 1.0;
  for (var i = 0u; i < ms_control.components; i++) {
    if (i != k) {
      ms_hold(i);
      let term = ms_components[i * ms_RECORD + ms_LOG_NORM] + ms_components[i * ms_RECORD + ms_LOG_WEIGHT] - 0.5 * ms_whiten(i, &x, &y);
      if (term > top) {
        sum = sum * ms_exp(top - term) + 1.0;
        top = term;
      } else {
        sum += ms_exp(term - top);
      }
    }
  }
  let log_density = top + log(sum);
  if (ms_MATCHED) {
    ms_explored[at] = h * (own - log_density) + log(max(ms_nodes[node + DIM], 1.0e-37));
  } else {
    ms_explored[at] = ms_components[k * ms_RECORD + ms_LOG_WEIGHT] - h * log_density + log(max(ms_nodes[node + DIM], 1.0e-37));
  }
}
