// Moments of rho^(1-h) around each component, from its exploration nodes: g and G = (second moment) - I in whitened coordinates, for the
// moment-matching step, and the component's share of rho^(1-h) as its new log-weight (kalman.md 3.1.2). One workgroup a number of (weight, g, G).
// ms_RULE: 0, nodes whose moments are matched; 1, sigma points, which move the mean only; 2, no nodes: everything as it is.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = workgroup.y * grid.x + workgroup.x;
  let k = at / (ms_MOMENT + 1u);
  let output = at % (ms_MOMENT + 1u);
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  let h = ms_params.rate;
  let record = k * ms_RECORD;
  if (ms_RULE == 2u) {
    if (lane == 0u) {
      if (output == ms_MOMENT) {
        ms_components[record + ms_LOG_WEIGHT] = (1.0 - h) * ms_components[record + ms_LOG_WEIGHT] - h * ms_components[record + ms_LOG_NORM];
      } else {
        ms_moments[k * ms_MOMENT + output] = 0.0;
      }
    }
    return;
  }
  var top = ms_NO_VALUE;
  for (var j = lane; j < ms_params.samples; j += ms_LANES) {
    top = max(top, ms_explored[k * ms_params.samples + j]);
  }
  top = ms_largest(lane, top, lane).value;
  var pair = vec2u(output, DIM);
  if (output >= DIM) {
    pair = ms_lower_entry(min(output, ms_MOMENT - 1u) - DIM);
  }
  var sums = vec4f(0.0);
  for (var j = lane; j < ms_params.samples; j += ms_LANES) {
    let weight = ms_exp(ms_explored[k * ms_params.samples + j] - top);
    let node = j * (DIM + 1u);
    var product = ms_nodes[node + pair.x];
    if (output >= DIM) {
      product *= ms_nodes[node + pair.y];
    }
    sums += vec4f(weight, weight * product, 0.0, 0.0);
  }
  sums = ms_sum(lane, sums);
  if (lane > 0u) {
    return;
  }
  let expectation = sums.y / max(sums.x, 1.0e-37);
  if (output == ms_MOMENT) {
    let share = top + log(max(sums.x, 1.0e-37));
    if (ms_RULE == 0u) {
      ms_components[record + ms_LOG_WEIGHT] = (1.0 - h) * ms_components[record + ms_LOG_WEIGHT] - h * ms_components[record + ms_LOG_NORM] + share;
    } else {
      ms_components[record + ms_LOG_WEIGHT] = share;
    }
  } else if (output >= DIM) {
    ms_moments[k * ms_MOMENT + output] = select(0.0, expectation / (1.0 - h), ms_RULE == 0u) - select(0.0, 1.0, pair.x == pair.y);
  } else {
    ms_moments[k * ms_MOMENT + output] = expectation * select(1.0, inverseSqrt(1.0 - h), ms_RULE == 0u);
  }
}
