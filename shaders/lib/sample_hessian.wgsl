// A group of one sample: l, f and log q, and L^T grad f, then the entries of L^T Hess f L that the moments keep, into ms_slopes.
fn ms_sample_group(place: ms_GroupPlace, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>, square: ms_Group) {
  let k = place.component;
  let index = place.index;
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
  ms_write_value(place, 0u, l, log_q);
}
