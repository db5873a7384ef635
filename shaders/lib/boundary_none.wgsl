// The box only sets the scale: samples beyond it are evaluated where they are.
fn ms_enter(u: f32, box: vec4f) -> ms_Entry {
  let slope = 0.5 * box.z;
  return ms_Entry(box.x + slope * (u + 1.0), slope, 0.0, 0.0);
}
