// Residuals alone.
fn ms_innovation_noise(particle: u32, block: u32) -> vec4f {
  return vec4f(0.0);
}

fn ms_put_innovation(particle: u32, row: u32, noise: f32) {
  ms_innovations[particle * ms_ROWS + row] = ms_residuals[particle * OBSERVATIONS + row];
}
