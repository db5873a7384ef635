// One step of a diagonal covariance: the full step, entry by entry.

// Returns (log normaliser, tr Sigma, failed, 0). Called by all lanes with the same `go`.
fn ms_take_step(k: u32, lane: u32, go: bool, mean_rate: f32, rate: f32) -> vec4f {
  var failed = select(1.0, 0.0, go);
  for (var i = lane; i < DIM; i += ms_LANES) {
    let m = ms_diagonal_change(k, i, rate);
    failed += select(1.0, 0.0, ms_is_finite(m) && m > ms_PIVOT_TOLERANCE);
  }
  failed = ms_scalar_sum(lane, failed);
  if (!ms_agreed(lane, failed == 0.0)) {
    return vec4f(0.0, 0.0, 1.0, 0.0);
  }
  let base = k * 2u * ms_FACTOR;
  let mean = ms_mean_of(k);
  var sums = vec4f(0.0);
  for (var i = lane; i < DIM; i += ms_LANES) {
    let m = ms_diagonal_change(k, i, rate);
    let old = ms_factors[base + i];
    let stepped = old / sqrt(m);
    let deviation = stepped * ms_deviation_scale(stepped * stepped);
    let g = ms_moments[k * ms_MOMENT + i];
    let shift = select(old * g, deviation * g / sqrt(m), ms_MEAN_BY_NEW);
    ms_components[mean + i] = ms_held_mean(ms_components[mean + i] + mean_rate * shift);
    ms_factors[base + i] = deviation;
    ms_factors[base + ms_FACTOR + i] = 1.0 / deviation;
    sums += vec4f(-log(deviation), deviation * deviation, 0.0, 0.0);
  }
  sums = ms_sum(lane, sums);
  return vec4f(sums.x - f32(DIM) * ms_HALF_LOG_TWO_PI, sums.y, 0.0, 0.0);
}

fn ms_diagonal_change(k: u32, i: u32, rate: f32) -> f32 {
  let x = rate * ms_moments[k * ms_MOMENT + DIM + i];
  return 1.0 - x + select(0.0, 0.5 * x * x, ms_IBLR);
}

const ms_PIVOT_TOLERANCE: f32 = 1.0e-6;
