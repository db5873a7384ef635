// Ensemble Kalman inversion: the data misfit controller (Iglesias and Yang 2021), up to time 1.
fn ms_adaptive_step(lane: u32, count: f32, mean: f32, spread: f32) -> f32 {
  let half = 0.5 * f32(OBSERVATIONS);
  let by_mean = half / max(mean, 1.0e-30);
  let by_spread = select(0.0, sqrt(half) / max(spread, 1.0e-30), spread > 0.0);
  return min(max(by_mean, by_spread), 1.0 - ms_ensemble[ms_ENSEMBLE_TIME]);
}

// C_uG (C_GG + I/h)^-1 = U (Y^T Y + ridge)^-1 Y^T, with the deviations as columns of U and Y.
fn ms_ridge(count: f32, step: f32) -> f32 {
  return count / step;
}
