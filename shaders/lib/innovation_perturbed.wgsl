// Perturbed observations, of noise I / h (Iglesias, Law, Stuart 2013; with steps Iglesias and Yang 2021). Blocks beyond 16 bits go on in
// the word of the component.
fn ms_innovation_noise(particle: u32, block: u32) -> vec4f {
  let words = ms_random(block & 0xffffu, ms_PURPOSE_DRAW, particle, block >> 16u, ms_control.round, ms_params.seed);
  return ms_normals(words) / sqrt(ms_ensemble[ms_ENSEMBLE_STEP]);
}

fn ms_put_innovation(particle: u32, row: u32, noise: f32) {
  ms_innovations[particle * ms_ROWS + row] = ms_residuals[particle * OBSERVATIONS + row] + noise;
}
