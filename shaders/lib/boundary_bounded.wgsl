// x = centre + half width tanh(u): all of R^d onto the box, one to one. The density is u's: log |dx/du| is added to l, but for
// the constant, log half width, which is the host's. Written by exp(-2 |u|), so that nothing overflows and steps from the nearer
// face are exact however small.
fn ms_face_share(u: f32) -> f32 {
  let e = ms_exp(-2.0 * abs(u));
  return e / (1.0 + e);  // distance from the nearer face, over the width
}
fn ms_tanh(u: f32) -> f32 {
  return sign(u) * (1.0 - 2.0 * ms_face_share(u));
}
fn ms_sech_squared(u: f32) -> f32 {
  let below = 1.0 + ms_exp(-2.0 * abs(u));
  return 4.0 * ms_face_share(u) / below;
}
fn ms_enter(u: f32, box: vec4f) -> ms_Entry {
  let step = box.z * ms_face_share(u);
  let x = clamp(select(box.x + step, box.y - step, u > 0.0), box.x, box.y);
  let slope = 0.5 * box.z * ms_sech_squared(u);
  return ms_Entry(x, slope, -2.0 * ms_tanh(u) * slope, 0.0);
}

fn ms_cost(u: ptr<function, Point>) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let size = abs((*u)[i]);
    sum += size + log(1.0 + ms_exp(-2.0 * size)) - 0.6931471805599453;
  }
  return 2.0 * sum;
}
fn ms_cost_slope(u: f32, entry: ms_Entry) -> f32 {
  return 2.0 * ms_tanh(u);
}
fn ms_cost_bend(u: f32, entry: ms_Entry) -> f32 {
  return 2.0 * ms_sech_squared(u);
}
