// Deviations of the successful members from their mean: of the particles (ms_deviations), with mean and standard deviation of every axis,
// and of the whitened predictions (ms_responses; they are minus the deviations of the residuals). A failed member's are zero, so that
// sums over all members are sums over the successful ones. One invocation an axis or an observation.

fn ms_column_entry(column: u32, member: u32) -> f32 {
  if (column < DIM) {
    return ms_particles[member * DIM + column];
  }
  return -ms_residuals[member * OBSERVATIONS + column - DIM];
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = ms_linear(workgroup, grid, lane);
  if (ms_stopped() || column >= DIM + OBSERVATIONS) {
    return;
  }
  let members = ms_params.samples;
  var count = 0.0;
  var sum = 0.0;
  for (var j = 0u; j < members; j++) {
    if (ms_misfits[j] != ms_NO_VALUE) {
      count += 1.0;
      sum += ms_column_entry(column, j);
    }
  }
  let first = sum / max(count, 1.0);
  // What rounding left of the mean, which is much where the ensemble is narrow and far from the origin.
  var rest = 0.0;
  for (var j = 0u; j < members; j++) {
    if (ms_misfits[j] != ms_NO_VALUE) {
      rest += ms_column_entry(column, j) - first;
    }
  }
  let correction = rest / max(count, 1.0);
  var squares = 0.0;
  for (var j = 0u; j < members; j++) {
    let deviation = select(0.0, (ms_column_entry(column, j) - first) - correction, ms_misfits[j] != ms_NO_VALUE);
    squares += deviation * deviation;
    if (column < DIM) {
      ms_deviations[j * DIM + column] = deviation;
    } else {
      ms_responses[j * ms_ROWS + column - DIM] = deviation;
    }
  }
  if (column < DIM) {
    ms_ensemble[ms_ENSEMBLE_MEAN + column] = first + correction;
    ms_ensemble[ms_ENSEMBLE_DEVIATION + column] = sqrt(squares / max(count, 1.0));
  }
}
