// Q^-1 of every slope, in place, and of the innovation (the residual at the mean). One invocation a right-hand side.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let k = at / (DIM + 1u);
  let side = at % (DIM + 1u);
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  let factor = k * ms_TRIANGLE;
  let central = ms_misfits[k * (2u * DIM + 1u)] != ms_NO_VALUE;
  if (side == DIM) {
    let residual = k * (2u * DIM + 1u) * OBSERVATIONS;
    let into = k * OBSERVATIONS;
    for (var i = 0u; i < OBSERVATIONS; i++) {
      let row = factor + i * (i + 1u) / 2u;
      var sum = select(0.0, ms_residuals[residual + i], central);
      for (var j = 0u; j < i; j++) {
        sum -= ms_noise[row + j] * ms_innovations[into + j];
      }
      ms_innovations[into + i] = sum / ms_noise[row + i];
    }
    return;
  }
  let slope = (k * DIM + side) * OBSERVATIONS;
  for (var i = 0u; i < OBSERVATIONS; i++) {
    let row = factor + i * (i + 1u) / 2u;
    var sum = ms_slopes_of[slope + i];
    for (var j = 0u; j < i; j++) {
      sum -= ms_noise[row + j] * ms_slopes_of[slope + j];
    }
    ms_slopes_of[slope + i] = sum / ms_noise[row + i];
  }
}
