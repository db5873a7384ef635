// One step size for all components: a schedule, shrunk where steps failed and where the moments are large.
fn ms_rate(k: u32, lane: u32, squares: vec2f, finite: bool, go: bool) -> f32 {
  var rate = min(
    ms_params.rate * pow(max(ms_control.first_temperature, 1.0e-30) / max(ms_control.temperature, 1.0e-30), ms_params.rate_power),
    ms_params.rate_limit,
  );
  rate *= ms_components[k * ms_RECORD + ms_STEP_FACTOR];
  let size = sqrt(max(squares.x, squares.y));
  if (ms_params.trust > 0.0 && finite && rate * size > ms_params.trust) {
    rate = ms_params.trust / size;
  }
  return rate;
}
