// step_factor.wgsl for a diagonal covariance: sigma_i <- sigma_i times ms_deviation_factor, of which a finite number above 0 is asked.

// Returns (log normaliser, tr Sigma, failed, 0). Called by all lanes with the same `go`.
fn ms_take_step(k: u32, lane: u32, go: bool, mean_rate: f32, rate: f32) -> vec4f {
  var failed = select(1.0, 0.0, go);
  for (var i = lane; i < DIM; i += ms_LANES) {
    let factor = ms_deviation_factor(k, i, rate);
    failed += select(1.0, 0.0, ms_is_finite(factor) && factor > 1.0e-15);
  }
  failed = ms_scalar_sum(lane, failed);
  if (!ms_agreed(lane, failed == 0.0)) {
    return vec4f(0.0, 0.0, 1.0, 0.0);
  }
  let by_new = ms_mean_by_new();
  let base = k * 2u * ms_FACTOR;
  let mean = ms_mean_of(k);
  var sums = vec4f(0.0);
  for (var i = lane; i < DIM; i += ms_LANES) {
    let old = ms_factors[base + i];
    let stepped = old * ms_deviation_factor(k, i, rate);
    let deviation = stepped * ms_deviation_scale(stepped * stepped);
    let shift = select(old, deviation, by_new) * ms_moments[k * ms_MOMENT + i];
    ms_components[mean + i] = ms_held_mean(ms_components[mean + i] + mean_rate * shift);
    ms_factors[base + i] = deviation;
    ms_factors[base + ms_FACTOR + i] = 1.0 / deviation;
    sums += vec4f(-log(deviation), deviation * deviation, 0.0, 0.0);
  }
  sums = ms_sum(lane, sums);
  return vec4f(sums.x - f32(DIM) * ms_HALF_LOG_TWO_PI, sums.y, 0.0, 0.0);
}
