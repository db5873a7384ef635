// omega_t = omega_1 / t^alpha (Minh et al. 2025)
fn ms_next_temperature(temperature: f32, iteration: u32, spread: f32) -> f32 {
  return ms_control.first_temperature / pow(f32(iteration) + 1.0, ms_params.temperature_power);
}
