// Half the squared residuals of every member, or ms_NO_VALUE where its model run gave something that is not a number. One invocation a
// member.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let member = ms_linear(workgroup, grid, lane);
  if (member >= ms_batch.count) {
    return;
  }
  var sum = 0.0;
  var usable = true;
  for (var row = 0u; row < OBSERVATIONS; row++) {
    let at = member * OBSERVATIONS + row;
    usable = usable && ms_is_usable(ms_predictions[at]);
    sum += ms_residuals[at] * ms_residuals[at];
  }
  ms_misfits[member] = select(ms_NO_VALUE, 0.5 * sum, usable && ms_is_usable(sum));
}
