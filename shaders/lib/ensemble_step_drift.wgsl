// Ensemble Kalman sampler: 1 / |D|, the Frobenius norm of the drift's matrix D = (<response k, innovation j>) / J (Garbuno-Inigo,
// Hoffmann, Li, Stuart 2020; here with the prior's part), but a unit of time at most: a Gaussian posterior relaxes as exp(-t).
fn ms_adaptive_step(lane: u32, count: f32, mean: f32, spread: f32) -> f32 {
  let entries = ms_params.samples * ms_params.samples;
  var top = 0.0;
  for (var at = lane; at < entries; at += ms_LANES) {
    top = max(top, select(0.0, abs(ms_weights[at]), ms_misfits[at % ms_params.samples] != ms_NO_VALUE));
  }
  top = max(ms_largest(lane, top, lane).value, 1.0e-30);
  var squares = 0.0;
  for (var at = lane; at < entries; at += ms_LANES) {
    let relative = select(0.0, ms_weights[at] / top, ms_misfits[at % ms_params.samples] != ms_NO_VALUE);
    squares += relative * relative;
  }
  let norm = top * sqrt(ms_scalar_sum(lane, squares)) / count;
  return 1.0 / max(norm, 1.0);
}

// I + h C H / 2, with H the statistical linearisation's curvature, in the space of the ensemble: (Y^T Y + ridge) / ridge.
fn ms_ridge(count: f32, step: f32) -> f32 {
  return 2.0 * count / step;
}
