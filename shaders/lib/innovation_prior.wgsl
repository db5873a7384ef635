// A prior N(0, P) is d observations more: of P^(-1/2) u, with data 0 and unit noise.
fn ms_innovation_noise(particle: u32, block: u32) -> vec4f {
  return vec4f(0.0);
}

fn ms_put_innovation(particle: u32, row: u32, noise: f32) {
  let at = particle * ms_ROWS + row;
  if (row < OBSERVATIONS) {
    ms_innovations[at] = ms_residuals[particle * OBSERVATIONS + row];
    return;
  }
  let whitened = ms_whitened_by_prior(particle * DIM, row - OBSERVATIONS);
  ms_innovations[at] = -whitened.x;
  ms_responses[at] = whitened.y;
}
