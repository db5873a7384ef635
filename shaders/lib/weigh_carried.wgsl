// Stage 6 of inversion: log w += h F, on top of what exploration left there, which need not be normalised. A component whose model run
// failed at its mean falls to the floor, unless all did. F counts from the best one: another that is far out costs those near it no digits.
// Returns what the trace shows as the value: the mean of F over components.
fn ms_weigh(lane: u32, mean_value: f32) -> f32 {
  var best = ms_NO_VALUE;
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    best = max(best, ms_components[k * ms_RECORD + ms_VALUE]);
  }
  best = ms_largest(lane, best, lane).value;
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    let value = ms_components[record + ms_VALUE];
    if (value != ms_NO_VALUE) {
      ms_components[record + ms_LOG_WEIGHT] += ms_params.rate * (value - best);
    } else if (best != ms_NO_VALUE) {
      ms_components[record + ms_LOG_WEIGHT] = 0.1 * ms_NO_VALUE;
    }
  }
  ms_floor_exactly(lane);
  return mean_value;
}

fn ms_unusable(usable: f32, made: u32) -> u32 {
  return made - min(u32(usable + 0.5), made);
}
