// Every particle moves by its weights of the members' deviations; a failed one starts at their mean. One invocation a coordinate.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let members = ms_params.samples;
  let j = at / DIM;
  let axis = at % DIM;
  if (ms_stopped() || j >= members || ms_ensemble[ms_ENSEMBLE_SUCCESSFUL] == 0.0) {
    return;
  }
  var shift = 0.0;
  for (var k = 0u; k < members; k++) {
    shift += ms_weights[k * members + j] * ms_deviations[k * DIM + axis];
  }
  let moved = select(ms_particles[at], ms_ensemble[ms_ENSEMBLE_MEAN + axis], ms_misfits[j] == ms_NO_VALUE) + shift;
  ms_particles[at] = select(ms_particles[at], moved, ms_is_usable(moved));
}
