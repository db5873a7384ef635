// Normalises weights just written; then those below the floor get it, and the others share the rest (kalman.md 3.1.4).
fn ms_floor_exactly(lane: u32) {
  storageBarrier();
  workgroupBarrier();
  ms_normalise_weights(lane);
  storageBarrier();
  workgroupBarrier();
  let least = min(ms_params.weight_floor, 0.5 / f32(ms_control.components));
  let least_log = log(max(least, 1.0e-37));
  var shares = vec4f(0.0);
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let log_weight = ms_components[k * ms_RECORD + ms_LOG_WEIGHT];
    let below = log_weight < least_log;
    shares += vec4f(select(0.0, 1.0, below), select(ms_exp(log_weight), 0.0, below), 0.0, 0.0);
  }
  shares = ms_sum(lane, shares);
  let rest = log((1.0 - shares.x * least) / shares.y);
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let at = k * ms_RECORD + ms_LOG_WEIGHT;
    let log_weight = ms_components[at];
    ms_components[at] = select(log_weight + rest, least_log, log_weight < least_log);
  }
}
