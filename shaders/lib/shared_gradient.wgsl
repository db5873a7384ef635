// (l, f, log of the proposal's density) of a sample of the shared batch, and grad f into ms_point_slopes.
fn ms_shared_value(x: ptr<function, Point>, index: u32) -> vec4f {
  var gradient: Point;
  let l = ms_evaluate_with_gradient(x, index, &gradient);
  var pull: Point;
  let density = ms_density_with_gradient(x, ms_params.components, &pull);
  for (var i = 0u; i < DIM; i++) {
    ms_point_slopes[i * ms_chunk.batch_stride + index] = gradient[i] - ms_control.temperature * pull[i];
  }
  let f = select(l - ms_control.temperature * density.log_q, ms_NO_VALUE, l == ms_NO_VALUE);
  return vec4f(l, f, select(density.log_q, density.log_flat, ms_FLAT), 0.0);
}
