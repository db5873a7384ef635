// In search coordinates the prior is N(0, I): its residual is -mean, whose slope is -L.
fn ms_prior_entry(k: u32, row: u32, column: u32) -> f32 {
  return ms_factors[k * DIM * (DIM + 1u) + row * (row + 1u) / 2u + column];
}

fn ms_prior_residual(k: u32, row: u32) -> f32 {
  return -ms_components[k * ms_RECORD + ms_MEAN + row];
}
