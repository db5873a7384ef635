// V = P^(-1/2) L and -P^(-1/2) mean of every component, one invocation a number; ms_prior is P^(-1/2), a packed lower triangle.

const ms_TRIANGLE_DIM: u32 = DIM * (DIM + 1u) / 2u;

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let k = at / (ms_TRIANGLE_DIM + DIM);
  let output = at % (ms_TRIANGLE_DIM + DIM);
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  var sum = 0.0;
  if (output >= ms_TRIANGLE_DIM) {
    let row = output - ms_TRIANGLE_DIM;
    for (var j = 0u; j <= row; j++) {
      sum -= ms_prior[row * (row + 1u) / 2u + j] * ms_components[k * ms_RECORD + ms_MEAN + j];
    }
  } else {
    let entry = ms_lower_entry(output);
    let factor = k * DIM * (DIM + 1u);
    for (var j = entry.y; j <= entry.x; j++) {
      sum += ms_prior[entry.x * (entry.x + 1u) / 2u + j] * ms_factors[factor + j * (j + 1u) / 2u + entry.y];
    }
  }
  ms_prior_factors[at] = sum;
}
