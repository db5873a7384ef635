// In search coordinates the prior is N(0, P): its residual -P^(-1/2) mean and V = P^(-1/2) L, made before by shaders/prior.wgsl.
fn ms_prior_entry(k: u32, row: u32, column: u32) -> f32 {
  return ms_prior_factors[k * (ms_TRIANGLE_DIM + DIM) + row * (row + 1u) / 2u + column];
}

fn ms_prior_residual(k: u32, row: u32) -> f32 {
  return ms_prior_factors[k * (ms_TRIANGLE_DIM + DIM) + ms_TRIANGLE_DIM + row];
}

const ms_TRIANGLE_DIM: u32 = DIM * (DIM + 1u) / 2u;
