// l, f and log q of one sample, and h = L^T grad f into ms_slopes.
fn ms_sample_value(k: u32, x: ptr<function, Point>, index: u32) -> vec4f {
  var gradient: Point;
  let l = ms_evaluate_with_gradient(x, index, &gradient);
  var pull: Point;
  let log_q = ms_density_with_gradient(x, ms_control.components, &pull).log_q;
  for (var i = 0u; i < DIM; i++) {
    gradient[i] -= ms_control.temperature * pull[i];
  }
  ms_whiten_gradient(k, &gradient);
  for (var i = 0u; i < DIM; i++) {
    ms_slopes[i * ms_chunk.stride + index] = gradient[i];
  }
  return vec4f(l, select(l - ms_control.temperature * log_q, ms_NO_VALUE, l == ms_NO_VALUE), log_q, 0.0);
}
