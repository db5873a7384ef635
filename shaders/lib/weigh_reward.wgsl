// Stage 6 of GMMVI (formulas: Arenz et al. 2023, 2209.11533): rewards R_k = omega log w_k + E_k[f] from the second phase, then the step
// sizes that follow from how they changed, then the weights, directly or within a bound on KL(new || old). Every step is consistent in
// omega: its fixed point is log w_k = R_k / omega + const. Returns sum w E_k[f], the ELBO at temperature omega before the step.
// ms_STEP_RULE, ms_WEIGHT_STEP_RULE: 0 fixed, 1 decaying, 2 by improvement.

const ms_LEAST_LOG_WEIGHT: f32 = -69.07;
const ms_GROW: f32 = 1.15;
const ms_SHRINK: f32 = 0.85;
const ms_BISECTIONS: u32 = 40u;

fn ms_decayed(first: f32, count: f32, power: f32) -> f32 {
  return first / (1.0 + select(select(0.0, 1.0, power == 0.0), pow(max(count, 1.0), power), count > 0.0));
}

// The weights' step size of this iteration: by improvement of the ELBO of the rewards stored last time under the weights they led to.
fn ms_next_weight_step(lane: u32) -> f32 {
  if (ms_WEIGHT_STEP_RULE == 0u) {
    return ms_params.weight_step_first;
  }
  if (ms_WEIGHT_STEP_RULE == 1u) {
    return ms_decayed(ms_params.weight_step_first, f32(ms_control.iteration), ms_params.weight_step_power);
  }
  var sum = 0.0;
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    let reward = ms_components[record + ms_REWARD];
    let log_weight = ms_components[record + ms_LOG_WEIGHT];
    if (reward != ms_NO_VALUE) {
      sum += ms_exp(log_weight) * (reward - ms_control.temperature * log_weight);
    }
  }
  let elbo = ms_scalar_sum(lane, sum);
  // Before the first rewards there is nothing to have improved; the first rewards are better than nothing.
  let better = ms_control.iteration == 1u || (ms_control.iteration > 1u && elbo > ms_control.elbo);
  let step = ms_control.weight_step;
  let next = select(
    max(ms_SHRINK * step, ms_params.weight_step_least),
    min(ms_GROW * step, ms_params.weight_step_most),
    better,
  );
  storageBarrier();
  workgroupBarrier();
  if (lane == 0u) {
    ms_control.elbo = elbo;
    ms_control.weight_step = next;
  }
  return next;
}

fn ms_weigh(lane: u32, mean_value: f32) -> f32 {
  let weight_step = ms_next_weight_step(lane);
  let temperature = ms_control.temperature;

  // Leaves -> E_k[f], reward, reusable rows; then the component's next step size.
  var elbo = vec4f(0.0);
  var largest = ms_NO_VALUE;
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    var sums = vec4f(0.0);
    var reusable = vec2f(0.0);
    for (var leaf = 0u; leaf < ms_control.leaves; leaf++) {
      let part = (k * ms_params.leaves + leaf) * ms_REWARD_PART;
      sums += vec4f(ms_rewards[part], ms_rewards[part + 1u], ms_rewards[part + 2u], 0.0);
      reusable += vec2f(ms_rewards[part + 4u], ms_rewards[part + 5u]);
    }
    ms_components[record + ms_REUSABLE] = reusable.x * reusable.x / max(reusable.y, 1.0e-37);
    let past = ms_components[record + ms_REWARD];
    let log_weight = ms_components[record + ms_LOG_WEIGHT];
    if (sums.x > 0.0) {
      let whole = max(f32(ms_control.rows) * exp(max(ms_components[record + ms_LOG_SHARE], ms_LEAST_LOG_SHARE)), 1.0e-30);
      let value = sums.z / select(whole, sums.x, ms_SELF_NORMALISED);
      let reward = temperature * log_weight + value;
      ms_components[record + ms_VALUE] = value;
      ms_components[record + ms_PAST_REWARD] = past;
      ms_components[record + ms_REWARD] = reward;
      let weight = ms_exp(log_weight);
      elbo += vec4f(weight * value, weight, 0.0, 0.0);
      largest = max(largest, value);
      if (ms_STEP_RULE == 2u) {
        let step = ms_components[record + ms_STEP];
        ms_components[record + ms_STEP] = select(
          min(ms_GROW * step, ms_params.step_most), max(ms_SHRINK * step, ms_params.step_least), past != ms_NO_VALUE && past >= reward,
        );
      }
    } else {
      ms_components[record + ms_VALUE] = ms_NO_VALUE;
    }
    if (ms_STEP_RULE == 1u) {
      ms_components[record + ms_STEP] = ms_decayed(ms_params.step_first, ms_components[record + ms_UPDATES], ms_params.step_power);
    }
  }
  elbo = ms_sum(lane, elbo);
  largest = ms_largest(lane, largest, lane).value;
  let average = elbo.x / max(elbo.y, 1.0e-30);
  // What no row says anything of counts as average: what was said of it before is of another mixture, and may lie above all.
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    if (ms_components[record + ms_VALUE] == ms_NO_VALUE) {
      ms_components[record + ms_VALUE] = average;
      // So that it counts as stagnating, and may be removed.
      if (largest != ms_NO_VALUE) {
        ms_components[record + ms_REWARD] = temperature * ms_components[record + ms_LOG_WEIGHT] + average;
      }
    }
  }
  // One component has nothing to share out, and without a value there is nothing to go by.
  if (ms_agreed_count(lane, select(ms_control.components, 0u, largest == ms_NO_VALUE)) < 2u) {
    return average;
  }

  // log w += a_k / (omega + eta) - log sum: a full step at eta = 0. Within a trust region the full step is tried, then exp(middle) again and
  // again; the last turn is by what was found. One loop: drivers inline what is called at every call.
  var damping = temperature / max(weight_step, 1.0e-30) - temperature;
  var low = -45.0;
  var high = 45.0;
  var full = false;
  var log_sum = 0.0;
  for (var turn = select(ms_BISECTIONS + 1u, 0u, ms_WEIGHTS_TRUST); turn < ms_BISECTIONS + 2u; turn++) {
    let middle = 0.5 * (low + high);
    if (ms_WEIGHTS_TRUST) {
      damping = select(exp(select(middle, high, turn > ms_BISECTIONS)), 0.0, turn == 0u || (full && turn > ms_BISECTIONS));
    }
    let divergence = ms_weight_divergence(lane, damping, largest);
    log_sum = divergence.y;
    let beyond = divergence.x > weight_step;
    if (turn == 0u) {
      full = !beyond;
    } else if (beyond) {
      low = middle;
    } else {
      high = middle;
    }
  }
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    ms_components[k * ms_RECORD + ms_LOG_WEIGHT] += ms_weight_change(k, damping, largest) - log_sum;
  }
  ms_floor_weights(lane, ms_LEAST_LOG_WEIGHT);
  return average;
}

// A number that all lanes hold alike, made uniform in the eyes of the compiler.
fn ms_agreed_count(lane: u32, count: u32) -> u32 {
  if (lane == 0u) {
    ms_stopped = count;
  }
  return workgroupUniformLoad(&ms_stopped);
}

// Fresh rows without a usable value: every component sees the same rows, so the first one's count holds for all.
fn ms_unusable(usable: f32, made: u32) -> u32 {
  var count = 0.0;
  for (var leaf = 0u; leaf < ms_control.leaves; leaf++) {
    count += ms_rewards[leaf * ms_REWARD_PART + 3u];
  }
  return u32(count + 0.5);
}

fn ms_weight_change(k: u32, damping: f32, largest: f32) -> f32 {
  return (ms_components[k * ms_RECORD + ms_VALUE] - largest) / max(ms_control.temperature + damping, 1.0e-30);
}

// (KL(w' || w), log of the sum that normalises w'). Changes are at most 0 and weights at least exp(-69), so nothing overflows and the sum
// stays above the smallest float.
fn ms_weight_divergence(lane: u32, damping: f32, largest: f32) -> vec2f {
  var sums = vec4f(0.0);
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let change = ms_weight_change(k, damping, largest);
    let weight = ms_exp(ms_components[k * ms_RECORD + ms_LOG_WEIGHT] + change);
    sums += vec4f(weight, weight * change, 0.0, 0.0);
  }
  sums = ms_sum(lane, sums);
  let log_sum = log(max(sums.x, 1.0e-37));
  return vec2f(sums.y / max(sums.x, 1.0e-37) - log_sum, log_sum);
}
