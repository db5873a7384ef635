// Standard normal residuals W (y - g) of every member. One invocation a number. What is no number counts as no residual: the member as a
// whole is judged by shaders/misfit.wgsl.
// ms_FULL: W is a lower triangle, packed by rows; else a diagonal.

fn ms_plain_residual(member: u32, row: u32) -> f32 {
  let prediction = ms_predictions[member * OBSERVATIONS + row];
  return select(0.0, ms_y[row] - prediction, ms_is_usable(prediction));
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let member = at / OBSERVATIONS;
  let row = at % OBSERVATIONS;
  if (member >= ms_batch.count) {
    return;
  }
  if (!ms_FULL) {
    ms_residuals[at] = ms_whitener[row] * ms_plain_residual(member, row);
    return;
  }
  var sum = 0.0;
  for (var j = 0u; j <= row; j++) {
    sum += ms_whitener[row * (row + 1u) / 2u + j] * ms_plain_residual(member, j);
  }
  ms_residuals[at] = sum;
}
