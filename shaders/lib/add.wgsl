// Stage 8, second: every so many iterations a component is added where the objective is large for how little density there is, among the
// past samples, whose log q the past density kernel has left (Arenz et al. 2020 and 2023, 2209.11533). It knows the mixture as it was
// before this iteration's removals; so whether there is room is asked of that one, too.

const ms_PURPOSE_ADAPT: u32 = 3u;
const ms_ADDED_LOG_WEIGHT: f32 = -66.774963;   // log 1e-29
const ms_ADDED_SHARE: f32 = 1.0e-29;

// The row of the store with the largest l - omega max(max log q - delta, log q); 0xffffffff where none is usable.
fn ms_best_past(lane: u32, delta: f32) -> u32 {
  let rows = ms_past_count(ms_control.drawn);
  // The largest log q, then the best row.
  var best = ms_Largest(0.0, 0u);
  for (var turn = 0u; turn < 2u; turn++) {
    let top = best.value;
    best = ms_Largest(ms_NO_VALUE, 0u);
    for (var row = lane; row < rows; row += ms_LANES) {
      let log_q = ms_past_density[row];
      let score = ms_past[row * (DIM + 1u)] - ms_control.temperature * max(top - delta, log_q);
      let number = select(score, log_q, turn == 0u);
      if (ms_is_usable(log_q) && number > best.value) {
        best = ms_Largest(number, row);
      }
    }
    best = ms_largest(lane, best.value, best.index);
  }
  return ms_same(lane, select(best.index, 0xffffffffu, best.value == ms_NO_VALUE));
}

// log of the deviation of the new isotropic component: its entropy lies between the mixture's mean one and that of a start component.
fn ms_added_log_deviation(lane: u32, components: u32) -> f32 {
  var sum = 0.0;
  for (var k = lane; k < components; k += ms_LANES) {
    let record = k * ms_RECORD;
    sum += ms_exp(ms_components[record + ms_LOG_WEIGHT]) * (0.5 * f32(DIM) - ms_components[record + ms_LOG_NORM]);
  }
  let mean_entropy = ms_scalar_sum(lane, sum);
  let a = ms_uniform(ms_random(0u, ms_PURPOSE_ADAPT, 0u, ms_SHARED, ms_control.round, ms_params.seed).x);
  let entropy = a * mean_entropy + (1.0 - a) * ms_params.start_entropy;
  var log_deviation = clamp(entropy / f32(DIM) - 0.5 - ms_HALF_LOG_TWO_PI, -40.0, 40.0);
  if (ms_params.deviation_cap > 0.0) {
    log_deviation = min(log_deviation, log(ms_params.deviation_cap));
  }
  if (ms_params.deviation_floor > 0.0) {
    log_deviation = max(log_deviation, log(ms_params.deviation_floor));
  }
  return log_deviation;
}

// A row of a multiple of the identity, and of its inverse.
fn ms_put_identity_row(component: u32, row: u32, scale: f32) {
  let full = ms_FACTOR > DIM;
  for (var side = 0u; side < 2u; side++) {
    let at = (2u * component + side) * ms_FACTOR + select(row, row * (row + 1u) / 2u, full);
    let before = select(0u, row, full);
    for (var j = 0u; j <= before; j++) {
      ms_factors[at + j] = select(0.0, select(scale, 1.0 / scale, side == 1u), j == before);
    }
  }
}

fn ms_put_component(lane: u32, component: u32, past_row: u32, attempt: u32, log_deviation: f32) {
  let record = component * ms_RECORD;
  let from_row = past_row * (DIM + 1u);
  let deviation = exp(log_deviation);
  for (var i = lane; i < ms_MEAN; i += ms_LANES) {
    ms_components[record + i] = 0.0;
  }
  for (var i = lane; i < DIM; i += ms_LANES) {
    let x = ms_past[from_row + 1u + i];
    ms_components[record + ms_MEAN + i] = x;
    ms_components[record + ms_BEST_POINT + i] = x;
    ms_put_identity_row(component, i, deviation);
  }
  let length = ms_history_length();
  for (var i = lane; i < length; i += ms_LANES) {
    ms_history[2u * (component * length + i)] = ms_NO_VALUE;
    ms_history[2u * (component * length + i) + 1u] = ms_ADDED_SHARE;
  }
  ms_settle();
  if (lane == 0u) {
    ms_components[record + ms_LOG_WEIGHT] = ms_ADDED_LOG_WEIGHT;
    ms_components[record + ms_LOG_NORM] = -f32(DIM) * (log_deviation + ms_HALF_LOG_TWO_PI);
    ms_components[record + ms_STEP_FACTOR] = 1.0;
    ms_components[record + ms_BEST] = ms_past[from_row];
    ms_components[record + ms_DEVIATION] = deviation;
    ms_components[record + ms_STEP] = ms_params.step_first;
    ms_components[record + ms_REWARD] = ms_NO_VALUE;
    ms_components[record + ms_PAST_REWARD] = ms_NO_VALUE;
    ms_components[record + ms_ID] = f32(ms_params.components + attempt);
    ms_components[record + ms_RIDGE] = ms_params.ridge_first;
  }
}

// Returns the number of components: one more, if there was room (before the removals of this iteration) and a usable past sample.
// An attempt counts even so, and moves on to the next threshold.
fn ms_add(lane: u32, components: u32, seen: ms_Seen) -> u32 {
  if (!ms_adds_after(seen.iteration)) {
    return components;
  }
  let attempt = seen.additions + 1u;
  if (lane == 0u) {
    ms_control.additions = attempt;
  }
  if (seen.components >= ms_params.capacity) {
    return components;
  }
  let row = ms_best_past(lane, ms_THRESHOLDS[attempt % ms_THRESHOLD_COUNT]);
  if (row == 0xffffffffu) {
    return components;
  }
  ms_put_component(lane, components, row, attempt, ms_added_log_deviation(lane, components));
  return components + 1u;
}
