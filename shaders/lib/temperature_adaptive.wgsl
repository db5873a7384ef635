// 1/omega grows by cooling / spread: an iteration keeps an effective sample size of about 1/(1 + cooling^2) of the samples.
fn ms_next_temperature(temperature: f32, iteration: u32, spread: f32) -> f32 {
  let cooled = 1.0 / (1.0 / temperature + ms_params.cooling / max(spread, 1.0e-30));
  return max(cooled, ms_params.cooling_limit * temperature);
}
