// l of a fresh row of the shared batch, and grad l into ms_point_slopes.
fn ms_fresh_value(x: ptr<function, Point>, index: u32, position: u32) -> f32 {
  var gradient: Point;
  let l = ms_evaluate_with_gradient(x, index, &gradient);
  for (var i = 0u; i < DIM; i++) {
    ms_point_slopes[i * ms_chunk.batch_stride + position] = gradient[i];
  }
  return l;
}
