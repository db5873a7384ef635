// Gaussian-mixture Kalman inversion: no entropy term, the mixture having been flattened before; bends are in the noise.
fn ms_scale() -> f32 {
  return 1.0 / ms_params.rate;
}

fn ms_innovation(k: u32, row: u32) -> f32 {
  return ms_innovations[k * OBSERVATIONS + row];
}

fn ms_before(at: u32) -> f32 {
  return 0.0;
}

fn ms_value_before(k: u32) -> f32 {
  return 0.0;
}

fn ms_bend_matrix(k: u32, a: u32, b: u32) -> f32 {
  return 0.0;
}

// With this, M = I - h G takes the flattening's factor 1/(1-h) off the covariance again.
fn ms_unchanged(diagonal: bool) -> f32 {
  return select(0.0, -1.0 / (1.0 - ms_params.rate), diagonal);
}

// The mean moves by L M^-1 h g: this moves it by L times what is given.
fn ms_unmoved(shift: f32) -> f32 {
  return shift / (ms_params.rate * (1.0 - ms_params.rate));
}
