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
  sum = max(ms_sum(lane, vec4f(sum, 0.0, 0.0, 0.0)).x, 1.0);
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

// Marks in ms_FIRST_DRAW, which the allotment writes anew: ms_GONE, or 0.
fn ms_mark_removals(lane: u32, components: u32) -> u32 {
  var heaviest = ms_Largest(ms_NO_VALUE, 0xffffffffu);
  for (var k = lane; k < components; k += ms_LANES) {
    let log_weight = ms_components[k * ms_RECORD + ms_LOG_WEIGHT];
    if (log_weight > heaviest.value) {
      heaviest = ms_Largest(log_weight, k);
    }
  }
  heaviest = ms_largest(lane, heaviest.value, heaviest.index);
  var candidates = 0u;
  for (var k = lane; k < components; k += ms_LANES) {
    let candidate = k != heaviest.index && ms_counts_for_nothing(k);
    ms_components[k * ms_RECORD + ms_FIRST_DRAW] = select(0.0, ms_GONE, candidate);
    candidates += select(0u, 1u, candidate);
  }
  if (ms_same(lane, ms_counts_before(lane, candidates).y) == 0u) {
    return 0u;
  }

  // S_now, S_old: stagnating where (n - o)/|o| <= 0.4, both counted from the best S_now, so that n - o = S_now - S_old.
  var top = ms_NO_VALUE;
  for (var k = lane; k < components; k += ms_LANES) {
    top = max(top, ms_smoothed(k, 0u));
  }
  top = ms_largest(lane, top, lane).value;
  var gone = 0u;
  for (var k = lane; k < components; k += ms_LANES) {
    let at = k * ms_RECORD + ms_FIRST_DRAW;
    if (ms_components[at] == ms_GONE) {
      let now = ms_smoothed(k, 0u);
      let old = ms_smoothed(k, ms_params.remove_after);
      if (now == ms_NO_VALUE || old == ms_NO_VALUE || now - old > ms_LEAST_GAIN * abs(old - top)) {
        ms_components[at] = 0.0;
      } else {
        gone += 1u;
      }
    }
  }
  return ms_same(lane, ms_counts_before(lane, gone).y);
}

// Every lane moves columns of its own down over the components, so that lanes need not wait for each other. The places stay where they
// are read: in ms_FIRST_DRAW.
fn ms_move_down(lane: u32, components: u32) {
  for (var column = lane; column < ms_RECORD; column += ms_LANES) {
    if (column != ms_FIRST_DRAW) {
      for (var k = 0u; k < components; k++) {
        let place = ms_components[k * ms_RECORD + ms_FIRST_DRAW];
        if (place != ms_GONE) {
          ms_components[u32(place) * ms_RECORD + column] = ms_components[k * ms_RECORD + column];
        }
      }
    }
  }
  for (var column = lane; column < 2u * ms_FACTOR; column += ms_LANES) {
    for (var k = 0u; k < components; k++) {
      let place = ms_components[k * ms_RECORD + ms_FIRST_DRAW];
      if (place != ms_GONE) {
        ms_factors[u32(place) * 2u * ms_FACTOR + column] = ms_factors[k * 2u * ms_FACTOR + column];
      }
    }
  }
  let width = 2u * ms_history_length();
  for (var column = lane; column < width; column += ms_LANES) {
    for (var k = 0u; k < components; k++) {
      let place = ms_components[k * ms_RECORD + ms_FIRST_DRAW];
      if (place != ms_GONE) {
        ms_history[u32(place) * width + column] = ms_history[k * width + column];
      }
    }
  }
}

// Weights sum to one again. What is gone had next to none, so that no weight moves by much.
fn ms_normalise(lane: u32, components: u32) {
  var top = ms_NO_VALUE;
  for (var k = lane; k < components; k += ms_LANES) {
    top = max(top, ms_components[k * ms_RECORD + ms_LOG_WEIGHT]);
  }
  top = ms_largest(lane, top, lane).value;
  var sum = 0.0;
  for (var k = lane; k < components; k += ms_LANES) {
    sum += ms_exp(ms_components[k * ms_RECORD + ms_LOG_WEIGHT] - top);
  }
  let total = top + log(max(ms_sum(lane, vec4f(sum, 0.0, 0.0, 0.0)).x, 1.0));
  for (var k = lane; k < components; k += ms_LANES) {
    ms_components[k * ms_RECORD + ms_LOG_WEIGHT] -= total;
  }
}

// Returns the number of components left: at least the heaviest one.
fn ms_remove(lane: u32, components: u32) -> u32 {
  ms_write_history(lane, components);
  // Before, no component has lived through both windows.
  if (ms_same(lane, ms_control.iteration) < ms_history_length()) {
    return components;
  }
  let gone = ms_mark_removals(lane, components);
  if (gone == 0u) {
    return components;
  }
  ms_settle();
  let first = ms_first_of(lane, components);
  let last = ms_first_of(lane + 1u, components);
  var kept = 0u;
  for (var k = first; k < last; k++) {
    kept += select(1u, 0u, ms_components[k * ms_RECORD + ms_FIRST_DRAW] == ms_GONE);
  }
  var place = ms_counts_before(lane, kept).x;
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
    ms_control.removals += gone;
  }
  ms_settle();
  ms_normalise(lane, components - gone);
  ms_settle();
  return components - gone;
}
