// Stage 8, first: components that have not improved and count for nothing are removed (Arenz et al. 2020 and 2023, 2209.11533).
// `ms_history` holds per component a ring of (reward, share) pairs, one an iteration: a smoothing window on top of the iterations over
// which a component must have stagnated. Its entry of the iteration just ended is written here.

const ms_LEAST_SHARE: f32 = 1.0e-6;
const ms_LEAST_GAIN: f32 = 0.4;
const ms_GONE: f32 = -1.0;

// Half the length of the smoothing window.
fn ms_smoothing() -> u32 {
  return max(ms_params.remove_after / 3u, 1u);
}

fn ms_history_length() -> u32 {
  return ms_params.remove_after + 2u * ms_smoothing();
}

// The pair of the iteration that ended `back` iterations before the present one.
fn ms_history_pair(component: u32, back: u32) -> u32 {
  let length = ms_history_length();
  return 2u * (component * length + (ms_control.iteration - 1u - back) % length);
}

// Gaussian mean of the rewards from `back` iterations ago on to the past; ms_NO_VALUE where one is missing.
fn ms_smoothed(component: u32, back: u32) -> f32 {
  let half = ms_smoothing();
  let scale = 8.0 / f32(max(ms_params.remove_after, 1u));
  var total = 0.0;
  var weights = 0.0;
  for (var i = 0u; i < 2u * half; i++) {
    let reward = ms_history[ms_history_pair(component, back + 2u * half - 1u - i)];
    if (reward == ms_NO_VALUE) {
      return ms_NO_VALUE;
    }
    let t = (f32(i) - f32(half)) * scale;
    let weight = exp(-0.5 * t * t);
    total += weight * reward;
    weights += weight;
  }
  return total / weights;
}

// The latest entry: the reward, and the larger of the weight and of what the rewards alone would make of it.
fn ms_write_history(lane: u32, components: u32) {
  let temperature = max(ms_control.temperature, 1.0e-30);
  var top = ms_NO_VALUE;
  for (var k = lane; k < components; k += ms_LANES) {
    let reward = ms_components[k * ms_RECORD + ms_REWARD];
    if (ms_is_usable(reward)) {
      top = max(top, reward);
    }
  }
  top = ms_largest(lane, top, lane).value;
  var sum = 0.0;
  for (var k = lane; k < components; k += ms_LANES) {
    let reward = ms_components[k * ms_RECORD + ms_REWARD];
    if (ms_is_usable(reward)) {
      sum += ms_exp((reward - top) / temperature);
    }
  }
  sum = max(ms_scalar_sum(lane, sum), 1.0);
  for (var k = lane; k < components; k += ms_LANES) {
    let record = k * ms_RECORD;
    let reward = ms_components[record + ms_REWARD];
    let usable = ms_is_usable(reward);
    var share = exp(clamp(ms_components[record + ms_LOG_WEIGHT], -87.0, 0.0));
    if (usable) {
      share = max(share, ms_exp((reward - top) / temperature) / sum);
    }
    let pair = ms_history_pair(k, 0u);
    ms_history[pair] = select(ms_NO_VALUE, reward, usable);
    ms_history[pair + 1u] = share;
  }
}

fn ms_counts_for_nothing(component: u32) -> bool {
  for (var back = 0u; back < ms_history_length(); back++) {
    if (ms_history[ms_history_pair(component, back) + 1u] >= ms_LEAST_SHARE) {
      return false;
    }
  }
  return true;
}

// Whether any lane says so. Called by all lanes together.
fn ms_any(lane: u32, flag: bool) -> bool {
  return ms_same(lane, u32(ms_scalar_sum(lane, select(0.0, 1.0, flag)))) > 0u;
}

// Marks in ms_FIRST_DRAW, which the allotment writes anew: ms_GONE, or 0; never the heaviest one. Returns whether any is gone.
fn ms_mark_removals(lane: u32, components: u32) -> bool {
  var heaviest = ms_Largest(ms_NO_VALUE, 0u);
  for (var k = lane; k < components; k += ms_LANES) {
    let log_weight = ms_components[k * ms_RECORD + ms_LOG_WEIGHT];
    if (log_weight > heaviest.value) {
      heaviest = ms_Largest(log_weight, k);
    }
  }
  heaviest = ms_largest(lane, heaviest.value, heaviest.index);
  var some = false;
  for (var k = lane; k < components; k += ms_LANES) {
    let candidate = k != heaviest.index && ms_counts_for_nothing(k);
    ms_components[k * ms_RECORD + ms_FIRST_DRAW] = select(0.0, ms_GONE, candidate);
    some = some || candidate;
  }
  if (!ms_any(lane, some)) {
    return false;
  }

  // S_now, S_old: stagnating where (n - o)/|o| <= 0.4, both counted from the best S_now, so that n - o = S_now - S_old.
  var top = ms_NO_VALUE;
  for (var k = lane; k < components; k += ms_LANES) {
    top = max(top, ms_smoothed(k, 0u));
  }
  top = ms_largest(lane, top, lane).value;
  some = false;
  for (var k = lane; k < components; k += ms_LANES) {
    let at = k * ms_RECORD + ms_FIRST_DRAW;
    if (ms_components[at] == ms_GONE) {
      var past: array<f32, 2>; // now, and before
      for (var i = 0u; i < 2u; i++) {
        past[i] = ms_smoothed(k, i * ms_params.remove_after);
      }
      let stays = min(past[0], past[1]) == ms_NO_VALUE || past[0] - past[1] > ms_LEAST_GAIN * abs(past[1] - top);
      ms_components[at] = select(ms_GONE, 0.0, stays);
      some = some || !stays;
    }
  }
  return ms_any(lane, some);
}

// Every lane moves columns of its own down over the components, so that lanes need not wait for each other. The places stay where they
// are read: in ms_FIRST_DRAW.
fn ms_move_down(lane: u32, components: u32) {
  let width = 2u * ms_history_length();
  for (var k = 0u; k < components; k++) {
    let mark = ms_components[k * ms_RECORD + ms_FIRST_DRAW];
    if (mark != ms_GONE) {
      let place = u32(mark);
      for (var column = lane; column < ms_RECORD; column += ms_LANES) {
        if (column != ms_FIRST_DRAW) {
          ms_components[place * ms_RECORD + column] = ms_components[k * ms_RECORD + column];
        }
      }
      for (var column = lane; column < 2u * ms_FACTOR; column += ms_LANES) {
        ms_factors[place * 2u * ms_FACTOR + column] = ms_factors[k * 2u * ms_FACTOR + column];
      }
      for (var column = lane; column < width; column += ms_LANES) {
        ms_history[place * width + column] = ms_history[k * width + column];
      }
    }
  }
}

// Weights sum to one again. What is gone had next to none, so that no weight moves by much.
fn ms_normalise(lane: u32, components: u32) {
  var sum = 0.0;
  for (var k = lane; k < components; k += ms_LANES) {
    sum += ms_exp(ms_components[k * ms_RECORD + ms_LOG_WEIGHT]);
  }
  let total = log(max(ms_scalar_sum(lane, sum), 1.0e-37));
  for (var k = lane; k < components; k += ms_LANES) {
    ms_components[k * ms_RECORD + ms_LOG_WEIGHT] -= total;
  }
}

// Returns the number of components left: at least the heaviest one.
fn ms_remove(lane: u32, seen: ms_Seen) -> u32 {
  let components = seen.components;
  ms_write_history(lane, components);
  // Before, no component has lived through both windows.
  if (seen.iteration < ms_history_length() || !ms_mark_removals(lane, components)) {
    return components;
  }
  ms_settle();
  let first = ms_first_of(lane, components);
  let last = ms_first_of(lane + 1u, components);
  var kept = 0u;
  for (var k = first; k < last; k++) {
    kept += select(1u, 0u, ms_components[k * ms_RECORD + ms_FIRST_DRAW] == ms_GONE);
  }
  let places = ms_counts_before(lane, kept);
  let left = ms_same(lane, places.y);
  var place = places.x;
  for (var k = first; k < last; k++) {
    let at = k * ms_RECORD + ms_FIRST_DRAW;
    if (ms_components[at] != ms_GONE) {
      ms_components[at] = f32(place);
      place += 1u;
    }
  }
  ms_settle();
  ms_move_down(lane, components);
  if (lane == 0u) {
    ms_control.removals += components - left;
  }
  ms_settle();
  ms_normalise(lane, left);
  ms_settle();
  return left;
}
