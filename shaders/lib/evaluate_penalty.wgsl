// What is taken off the value for leaving the box, and its first and second derivatives: a quadratic penalty.
const ms_PENALTY: f32 = 4.0;  // in units of the first temperature

fn ms_cost(u: ptr<function, Point>) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let outside = ms_enter((*u)[i], ms_box[i]).outside;
    sum += outside * outside;
  }
  return ms_PENALTY * ms_control.first_temperature * sum;
}
fn ms_cost_slope(u: f32, entry: ms_Entry) -> f32 {
  return 2.0 * ms_PENALTY * ms_control.first_temperature * entry.outside;
}
fn ms_cost_bend(u: f32, entry: ms_Entry) -> f32 {
  return select(0.0, 2.0 * ms_PENALTY * ms_control.first_temperature, entry.outside != 0.0);
}
