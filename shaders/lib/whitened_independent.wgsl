// P = I: a row of the particle and of its deviation.
fn ms_whitened_by_prior(first: u32, row: u32) -> vec2f {
  return vec2f(ms_particles[first + row], ms_deviations[first + row]);
}
