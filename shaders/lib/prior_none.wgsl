// No prior.
fn ms_prior_entry(k: u32, row: u32, column: u32) -> f32 {
  return 0.0;
}

fn ms_prior_residual(k: u32, row: u32) -> f32 {
  return 0.0;
}
