// From search coordinates to the user's and back: values in the direction of maximisation, gradients by the chain rule.
// The caller's variant provides ms_raw_value (and ms_raw_gradient, ms_raw_hessian where asked for); the boundary ms_enter and,
// with evaluate_penalty.wgsl, cost_none.wgsl or by itself, what it takes off the value: ms_cost, ms_cost_slope, ms_cost_bend.

struct ms_Entry {
  x: f32,
  slope: f32,      // dx/du
  bend: f32,       // d2x/du2
  outside: f32,    // signed distance beyond the box that the penalty is taken of
}

fn ms_user_point(u: ptr<function, Point>) -> Point {
  var x: Point;
  for (var i = 0u; i < DIM; i++) {
    x[i] = ms_enter((*u)[i], ms_box[i]).x;
  }
  return x;
}

// l, or ms_NO_VALUE where the objective gave nothing usable. `index`: the sample's place in the chunk.
fn ms_evaluate(u: ptr<function, Point>, index: u32) -> f32 {
  let raw = ms_SENSE * ms_raw_value(u, index);
  return select(ms_NO_VALUE, raw - ms_cost(u), ms_is_usable(raw));
}
