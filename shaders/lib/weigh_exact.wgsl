// Stage 6 of methods whose weights follow the flow itself: log w += ratio rho (F_k - sum w F), the sum being the natural gradient's own
// centre, so that a constant added to the objective changes nothing even where each component has its own rho. Then the floor, exactly:
// who is below gets it, the others share the rest (GMKI, arXiv 2406.17263; kalman.md 3.1.4). Returns what the trace shows as the value:
// the mean of F over components.
fn ms_weigh(lane: u32, mean_value: f32) -> f32 {
  if (ms_params.weight_ratio <= 0.0) {
    return mean_value;
  }
  // From the best one: another that is far out costs those near it no digits.
  var best = ms_NO_VALUE;
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    best = max(best, select(ms_NO_VALUE, ms_components[record + ms_VALUE], ms_components[record + ms_USABLE] > 0.0));
  }
  best = ms_largest(lane, best, lane).value;
  var sums = vec4f(0.0);
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    if (ms_components[record + ms_USABLE] > 0.0) {
      let weight = ms_exp(ms_components[record + ms_LOG_WEIGHT]);
      sums += vec4f(weight, weight * (ms_components[record + ms_VALUE] - best), 0.0, 0.0);
    }
  }
  sums = ms_sum(lane, sums);
  let centre = sums.y / max(sums.x, 1.0e-30);
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    if (ms_components[record + ms_USABLE] > 0.0) {
      let above = ms_components[record + ms_VALUE] - best - centre;
      ms_components[record + ms_LOG_WEIGHT] += ms_params.weight_ratio * ms_components[record + ms_RATE] * above;
    }
  }
  ms_floor_exactly(lane);
  return mean_value;
}

fn ms_unusable(usable: f32, made: u32) -> u32 {
  let counted = u32(select(usable, usable / f32(ms_control.components), ms_SHARED_BATCH) + 0.5);
  return made - min(counted, made);
}
