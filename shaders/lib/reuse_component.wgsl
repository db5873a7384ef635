// Rows are reused for what they are worth to the component itself.
fn ms_reuse_weight(weight: f32, row: vec4f) -> f32 {
  return select(weight, 0.0, row.x == ms_NO_VALUE);
}
