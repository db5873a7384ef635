// Differences of the residuals of each component's sigma points, by one invocation a number (k, axis, row):
//   B = (g+ - g-) / 2c, the slope of the whitened prediction g per whitened coordinate, and S = (g+ + g- - 2 g0) / 2c, its bend.
// A failed run on one side leaves a one-sided slope and no bend; on both, or at the mean, nothing.

const ms_SIGMA: u32 = 2u * DIM + 1u;

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let row = at % OBSERVATIONS;
  let direction = at / OBSERVATIONS;
  let k = direction / DIM;
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  let centre = k * ms_SIGMA;
  let plus = centre + 1u + 2u * (direction % DIM);
  let minus = plus + 1u;
  let central = ms_misfits[centre] != ms_NO_VALUE;
  let above = central && ms_misfits[plus] != ms_NO_VALUE;
  let below = central && ms_misfits[minus] != ms_NO_VALUE;
  // Residuals are y - g: their signs are the other way round.
  let middle = ms_residuals[centre * OBSERVATIONS + row];
  let up = middle - ms_residuals[plus * OBSERVATIONS + row];
  let down = middle - ms_residuals[minus * OBSERVATIONS + row];
  let c = ms_params.draw_scale;
  var slope = 0.0;
  var bend = 0.0;
  if (above && below) {
    slope = (up - down) / (2.0 * c);
    bend = (up + down) / (2.0 * c);
  } else if (above) {
    slope = up / c;
  } else if (below) {
    slope = -down / c;
  }
  ms_slopes_of[at] = slope;
  ms_bends[at] = bend;
}
