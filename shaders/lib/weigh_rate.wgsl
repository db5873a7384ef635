// Stage 6 of methods whose weights follow their components' own step sizes: logit += ratio rho (F_k - mean F).
// Returns what the trace shows as the value: the mean of F over components.
fn ms_weigh(lane: u32, mean_value: f32) -> f32 {
  if (ms_params.weight_ratio <= 0.0) {
    return mean_value;
  }
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    if (ms_components[record + ms_USABLE] > 0.0) {
      let above = ms_components[record + ms_VALUE] - mean_value;
      let change = clamp(ms_params.weight_ratio * ms_components[record + ms_RATE] * above, -10.0, 10.0);
      ms_components[record + ms_LOG_WEIGHT] += change;
    }
  }
  ms_floor_weights(lane, log(ms_params.weight_floor / f32(ms_control.components)));
  return mean_value;
}

fn ms_unusable(usable: f32, made: u32) -> u32 {
  let counted = u32(select(usable, usable / f32(ms_control.components), ms_SHARED_BATCH) + 0.5);
  return made - min(counted, made);
}
