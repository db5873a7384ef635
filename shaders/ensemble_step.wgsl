// The misfits' statistics, the time step h and the ridge it puts on ms_gram. One workgroup.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(local_invocation_index) lane: u32) {
  if (ms_stopped()) {
    return;
  }
  let members = ms_params.samples;
  var sums = vec4f(0.0);
  var best = ms_NO_VALUE;
  for (var j = lane; j < members; j += ms_LANES) {
    let misfit = ms_misfits[j];
    if (misfit != ms_NO_VALUE) {
      sums += vec4f(1.0, misfit, 0.0, 0.0);
      best = max(best, -misfit);
    }
  }
  sums = ms_sum(lane, sums);
  best = ms_largest(lane, best, lane).value;
  let count = max(sums.x, 1.0);
  let mean = sums.y / count;
  // Relative to the mean, so that squares stay floats.
  let scale = max(mean, 1.0e-30);
  var squares = 0.0;
  for (var j = lane; j < members; j += ms_LANES) {
    let misfit = ms_misfits[j];
    if (misfit != ms_NO_VALUE) {
      let relative = (misfit - mean) / scale;
      squares += relative * relative;
    }
  }
  let spread = scale * sqrt(ms_scalar_sum(lane, squares) / max(count - 1.0, 1.0));
  let adaptive = ms_adaptive_step(lane, count, mean, spread);
  if (lane == 0u) {
    let step = select(adaptive, ms_params.rate, ms_params.rate > 0.0);
    ms_ensemble[ms_ENSEMBLE_STEP] = step;
    ms_ensemble[ms_ENSEMBLE_RIDGE] = ms_ridge(count, step);
    ms_ensemble[ms_ENSEMBLE_SUCCESSFUL] = sums.x;
    ms_ensemble[ms_ENSEMBLE_MISFIT] = mean;
    ms_ensemble[ms_ENSEMBLE_SPREAD] = spread;
    ms_ensemble[ms_ENSEMBLE_LOWEST] = min(ms_ensemble[ms_ENSEMBLE_LOWEST], -best);
  }
}
