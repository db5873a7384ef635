// Samples beyond the box are evaluated at the nearest point of it: the objective goes on as a plateau.
fn ms_enter(u: f32, box: vec4f) -> ms_Entry {
  let inside = abs(u) <= 1.0;
  let x = clamp(box.x + box.z * 0.5 * (clamp(u, -1.0, 1.0) + 1.0), box.x, box.y);
  return ms_Entry(x, select(0.0, 0.5 * box.z, inside), 0.0, 0.0);
}
