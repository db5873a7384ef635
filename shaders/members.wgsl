// The parameters of every member of a batch for the forward model, in physical units, row by row. One invocation a number.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let member = at / DIM;
  let axis = at % DIM;
  if (ms_stopped() || member >= ms_member_count()) {
    return;
  }
  ms_parameters[at] = ms_physical(axis, ms_member_coordinate(member, axis));
}
