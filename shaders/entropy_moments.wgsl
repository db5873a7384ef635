// What the mixture's entropy gives to the moments of each component: -E log rho (into its record), -g and -H, with the "corrected" Hessian
// H = E[sum_i r_i (u_i - g)(u_i - g)^T] - I in whitened coordinates, never below -I where the weights of the nodes are
// positive (kalman.md 3.2). One invocation a number.

fn ms_node_weight(node: u32) -> f32 {
  return ms_nodes[node * (DIM + 1u) + DIM];
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let k = at / (ms_MOMENT + 1u);
  let output = at % (ms_MOMENT + 1u);
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  var sum = 0.0;
  if (output < DIM || output == ms_MOMENT) {
    let entry = select(output, DIM, output == ms_MOMENT);
    for (var node = 0u; node < ms_NODES; node++) {
      sum += ms_node_weight(node) * ms_entropy[(k * ms_NODES + node) * (DIM + 1u) + entry];
    }
    if (output == ms_MOMENT) {
      ms_components[k * ms_RECORD + ms_VALUE] = -sum;
    } else {
      ms_moments[k * ms_MOMENT + output] = -sum;
    }
    return;
  }
  let pair = ms_lower_entry(output - DIM);
  for (var node = 0u; node < ms_NODES; node++) {
    var apart = 0.0;
    for (var i = 0u; i < ms_control.components; i++) {
      let pull = ((k * ms_NODES + node) * ms_control.components + i) * (DIM + 1u);
      apart += ms_pulls[pull + pair.x] * ms_pulls[pull + pair.y];
    }
    sum += ms_node_weight(node) * apart;
  }
  ms_moments[k * ms_MOMENT + output] = select(0.0, 1.0, pair.x == pair.y) - sum;
}
