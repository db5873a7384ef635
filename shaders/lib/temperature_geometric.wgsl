// omega_t = omega_1 ratio^(t - 1); ratio 1 keeps it
fn ms_next_temperature(temperature: f32, iteration: u32, spread: f32) -> f32 {
  return temperature * ms_params.temperature_ratio;
}
