// Rows are reused for what they are worth to the component itself.
fn ms_reuse_weight(weight: f32, row: vec4f) -> f32 {
  return weight;
}
