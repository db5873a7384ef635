// Nothing is taken off the value: no point is outside of the box for this boundary.
fn ms_cost(u: ptr<function, Point>) -> f32 {
  return 0.0;
}
fn ms_cost_slope(u: f32, entry: ms_Entry) -> f32 {
  return 0.0;
}
fn ms_cost_bend(u: f32, entry: ms_Entry) -> f32 {
  return 0.0;
}
