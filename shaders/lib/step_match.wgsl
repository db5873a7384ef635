// Moment matching about the new mean, whatever the rate: Sigma <- L (I + G - g g^T) L^T, mean += L g.
// ms_WIDEN: the covariance is widened to Sigma / (1-h) in place of it.
fn ms_take_step(k: u32, lane: u32, go: bool, mean_rate: f32, rate: f32) -> vec4f {
  if (!ms_agreed(lane, go)) {
    return vec4f(0.0, 0.0, 1.0, 0.0);
  }
  ms_work_open(k);
  let moments = k * ms_MOMENT;
  for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
    let pair = ms_pair(p);
    let unit = select(0.0, 1.0, pair.x == pair.y);
    if (ms_WIDEN) {
      ms_work_set(p, unit / (1.0 - ms_params.rate));
    } else {
      ms_work_set(p, unit + ms_moments[moments + DIM + p] - ms_moments[moments + pair.x] * ms_moments[moments + pair.y]);
    }
  }
  ms_work_barrier();
  if (ms_cholesky(lane) != 0u) {
    return vec4f(0.0, 0.0, 1.0, 0.0);
  }
  return ms_step_by_factor(k, lane, 1.0, false);
}
