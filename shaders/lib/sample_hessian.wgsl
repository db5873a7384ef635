// l, f and log q of one sample, and L^T grad f, then the entries of L^T Hess f L that the moments keep, into ms_slopes.
fn ms_sample_value(k: u32, x: ptr<function, Point>, index: u32) -> vec4f {
  var gradient: Point;
  var curvature: Hessian;
  let l = ms_evaluate_with_hessian(x, index, &gradient, &curvature);
  var pull: Point;
  var bend: Hessian;
  let log_q = ms_density_with_hessian(x, ms_control.components, &pull, &bend).log_q;
  for (var i = 0u; i < DIM; i++) {
    gradient[i] -= ms_control.temperature * pull[i];
  }
  for (var i = 0u; i < DIM * DIM; i++) {
    curvature[i] -= ms_control.temperature * bend[i];
  }
  ms_whiten_gradient(k, &gradient);
  ms_whiten_hessian(k, &curvature);
  for (var i = 0u; i < DIM; i++) {
    ms_slopes[i * ms_chunk.stride + index] = gradient[i];
  }
  for (var p = 0u; p < ms_PAIRS; p++) {
    let pair = ms_pair(p);
    let entry = 0.5 * (curvature[pair.x * DIM + pair.y] + curvature[pair.y * DIM + pair.x]);
    ms_slopes[(DIM + p) * ms_chunk.stride + index] = entry;
  }
  return vec4f(l, select(l - ms_control.temperature * log_q, ms_NO_VALUE, l == ms_NO_VALUE), log_q, 0.0);
}
