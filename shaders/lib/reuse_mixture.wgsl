// Rows are reused for what they are worth to the mixture, which draws them: q(x)/proposal(x), the same number for every component.
fn ms_reuse_weight(weight: f32, row: vec4f) -> f32 {
  if (row.x == ms_NO_VALUE) {
    return 0.0;
  }
  return exp(clamp((row.x - row.y) / max(ms_control.temperature, 1.0e-30) - row.z, -87.0, 40.0));
}
