// Leaves -> whitened moments of a component: counts, F, V and the effective sample size into its record, g and G into ms_moments.

struct ms_Summary {
  usable: f32,
  effective: f32,
}

fn ms_part_of(component: u32, leaf: u32) -> u32 {
  return (component * ms_params.leaves + leaf) * ms_PART;
}

fn ms_combine(k: u32, lane: u32) -> ms_Summary {
  var counts = vec4f(0.0);
  var means = vec4f(0.0);
  var best = ms_NO_VALUE;
  var best_leaf = 0u;
  for (var leaf = lane; leaf < ms_params.leaves; leaf += ms_LANES) {
    let part = ms_part_of(k, leaf);
    let weight = ms_parts[part + ms_PART_WEIGHT];
    counts += vec4f(ms_parts[part + ms_PART_USABLE], weight, ms_parts[part + ms_PART_WEIGHT_SQUARES], 0.0);
    means += vec4f(weight * ms_parts[part + ms_PART_F], weight * ms_parts[part + ms_PART_L], 0.0, 0.0);
    if (ms_parts[part + ms_PART_BEST] > best) {
      best = ms_parts[part + ms_PART_BEST];
      best_leaf = leaf;
    }
  }
  counts = ms_sum(lane, counts);
  means = ms_sum(lane, means) / max(counts.y, 1.0e-30);
  var squares = 0.0;
  for (var leaf = lane; leaf < ms_params.leaves; leaf += ms_LANES) {
    let part = ms_part_of(k, leaf);
    let apart = ms_parts[part + ms_PART_L] - means.y;
    squares += ms_parts[part + ms_PART_L_SQUARES] + ms_parts[part + ms_PART_WEIGHT] * apart * apart;
  }
  squares = ms_sum(lane, vec4f(squares, 0.0, 0.0, 0.0)).x;
  let largest = ms_largest(lane, best, best_leaf);
  let effective = counts.y * counts.y / max(counts.z, 1.0e-30);

  // Sums divide by the number of samples, or by what the estimator says (ranked utilities are normalised already).
  let divisor = select(max(counts.x, 1.0), 1.0, ms_SUMS_ARE_MEANS);
  for (var block = 0u; block < DIM + ms_PAIRS; block += ms_LANES / ms_LEAF_RUN) {
    let p = block + lane / ms_LEAF_RUN;
    var sum = 0.0;
    if (p < DIM + ms_PAIRS) {
      for (var leaf = lane % ms_LEAF_RUN; leaf < ms_params.leaves; leaf += ms_LEAF_RUN) {
        sum += ms_parts[ms_part_of(k, leaf) + ms_PART_GRADIENT + p];
      }
    }
    sum = ms_sum_runs(lane, ms_LEAF_RUN, sum);
    if (p < DIM + ms_PAIRS && lane % ms_LEAF_RUN == 0u) {
      ms_moments[k * ms_MOMENT + p] = sum / divisor;
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
