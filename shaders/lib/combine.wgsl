// Leaves -> whitened moments of a component: counts, F, V and the effective sample size into its record, g and G into ms_moments.

const ms_PART_DRAW: u32 = ms_PART_GRADIENT + DIM + ms_PAIRS;

var<workgroup> ms_draw_mean: array<f32, DIM>;

struct ms_Summary {
  usable: f32,
  effective: f32,
}

fn ms_part_of(component: u32, leaf: u32) -> u32 {
  return (component * ms_params.leaves + leaf) * ms_PART;
}

// What sums over samples divide by. ms_DIVISOR: 0, the number of usable samples; 1, nothing, the estimator's weights being normalised
// already (ranked utilities); 2, the sum of the importance weights; 3, what that sum is on average.
fn ms_divisor(k: u32, usable: f32, weight: f32) -> f32 {
  switch ms_DIVISOR {
    case 0u: {
      return max(usable, 1.0);
    }
    case 1u: {
      return 1.0;
    }
    case 2u: {
      return max(weight, 1.0e-30);
    }
    default: {
      return max(f32(ms_control.rows) * exp(max(ms_components[k * ms_RECORD + ms_LOG_SHARE], ms_LEAST_LOG_SHARE)), 1.0e-30);
    }
  }
}

fn ms_combine(k: u32, lane: u32) -> ms_Summary {
  var totals: array<vec4f, 2>;
  var best = ms_NO_VALUE;
  var best_leaf = 0u;
  for (var leaf = lane; leaf < ms_control.leaves; leaf += ms_LANES) {
    let part = ms_part_of(k, leaf);
    let weight = ms_parts[part + ms_PART_WEIGHT];
    totals[0] += vec4f(ms_parts[part + ms_PART_USABLE], weight, ms_parts[part + ms_PART_WEIGHT_SQUARES], 0.0);
    totals[1] += vec4f(weight * ms_parts[part + ms_PART_F], weight * ms_parts[part + ms_PART_L], 0.0, 0.0);
    if (ms_parts[part + ms_PART_BEST] > best) {
      best = ms_parts[part + ms_PART_BEST];
      best_leaf = leaf;
    }
  }
  for (var i = 0u; i < 2u; i++) {
    totals[i] = ms_sum(lane, totals[i]);
  }
  let counts = totals[0];
  let means = totals[1] / max(counts.y, 1.0e-30);
  var squares = 0.0;
  for (var leaf = lane; leaf < ms_control.leaves; leaf += ms_LANES) {
    let part = ms_part_of(k, leaf);
    let apart = ms_parts[part + ms_PART_L] - means.y;
    squares += ms_parts[part + ms_PART_L_SQUARES] + ms_parts[part + ms_PART_WEIGHT] * apart * apart;
  }
  squares = ms_scalar_sum(lane, squares);
  let largest = ms_largest(lane, best, best_leaf);
  let effective = counts.y * counts.y / max(counts.z, 1.0e-30);

  let divisor = ms_divisor(k, counts.x, counts.y);
  if (ms_WHOLE) {
    for (var i = lane; i < DIM; i += ms_LANES) {
      var sum = 0.0;
      for (var leaf = 0u; leaf < ms_control.leaves; leaf++) {
        sum += ms_parts[ms_part_of(k, leaf) + ms_PART_DRAW + i];
      }
      ms_draw_mean[i] = sum / divisor;
    }
  }
  for (var block = 0u; block < DIM + ms_PAIRS; block += ms_LANES / ms_LEAF_RUN) {
    let p = block + lane / ms_LEAF_RUN;
    var sum = 0.0;
    if (p < DIM + ms_PAIRS) {
      for (var leaf = lane % ms_LEAF_RUN; leaf < ms_control.leaves; leaf += ms_LEAF_RUN) {
        sum += ms_parts[ms_part_of(k, leaf) + ms_PART_GRADIENT + p];
      }
    }
    sum = ms_sum_runs(lane, ms_LEAF_RUN, sum);
    if (!ms_FITTED && p < DIM + ms_PAIRS && lane % ms_LEAF_RUN == 0u) {
      ms_moments[k * ms_MOMENT + p] = sum / divisor;
    }
  }

  if (ms_WHOLE) {
    storageBarrier();
    workgroupBarrier();
    let unbiased = effective / max(effective - 1.0, 1.0e-3);
    for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
      let pair = ms_pair(p);
      let moments = k * ms_MOMENT;
      let apart = ms_draw_mean[pair.x] * ms_moments[moments + pair.y] + ms_draw_mean[pair.y] * ms_moments[moments + pair.x];
      ms_moments[moments + DIM + p] = (ms_moments[moments + DIM + p] - 0.5 * apart) * unbiased;
    }
  }

  let record = k * ms_RECORD;
  let news = largest.value > ms_components[record + ms_BEST];
  if (news) {
    let part = ms_part_of(k, largest.index);
    for (var i = lane; i < DIM; i += ms_LANES) {
      ms_components[record + ms_BEST_POINT + i] = ms_parts[part + ms_PART_BEST_POINT + i];
    }
  }
  storageBarrier();
  workgroupBarrier();
  if (lane == 0u) {
    ms_components[record + ms_USABLE] = counts.x;
    ms_components[record + ms_EFFECTIVE] = effective;
    if (counts.y > 0.0) {
      ms_components[record + ms_VALUE] = means.x;
      ms_components[record + ms_VARIANCE] = squares / counts.y;
    }
    if (news) {
      ms_components[record + ms_BEST] = largest.value;
    }
  }
  return ms_Summary(counts.x, effective);
}
