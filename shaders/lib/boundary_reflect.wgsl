// Samples beyond the box are mirrored back at its faces: a mode inside is untouched, one on a face becomes a symmetric peak.
// Search coordinates: the box is [-1, 1]^d.
fn ms_enter(u: f32, box: vec4f) -> ms_Entry {
  let v = 0.5 * (u + 1.0);
  let folded = v - 2.0 * floor(0.5 * v);
  let mirrored = folded > 1.0;
  let position = select(folded, 2.0 - folded, mirrored);
  let slope = 0.5 * box.z;
  return ms_Entry(clamp(box.x + box.z * position, box.x, box.y), select(slope, -slope, mirrored), 0.0, 0.0);
}
