// The exponential step of a diagonal covariance: sigma_i <- sigma_i exp(rho G_ii / 2) (DGMBBVI, arXiv 2601.14855).
fn ms_deviation_factor(k: u32, i: u32, rate: f32) -> f32 {
  return exp(clamp(0.5 * rate * ms_moments[k * ms_MOMENT + DIM + i], -30.0, 30.0));
}
