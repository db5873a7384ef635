// Each component's own step size, relative to the temperature.
fn ms_rate(k: u32, lane: u32, squares: vec2f, finite: bool, go: bool) -> f32 {
  return ms_components[k * ms_RECORD + ms_STEP] / max(ms_control.temperature, 1.0e-30);
}
