// A forward model in WGSL: one invocation a member.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let member = ms_linear(workgroup, grid, lane);
  if (member >= ms_batch.count) {
    return;
  }
  var theta: Point;
  for (var i = 0u; i < DIM; i++) {
    theta[i] = ms_parameters[member * DIM + i];
  }
  var y: Observation;
  forward(theta, &y);
  for (var i = 0u; i < OBSERVATIONS; i++) {
    ms_predictions[member * OBSERVATIONS + i] = y[i];
  }
}
