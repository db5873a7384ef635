// Nothing is known of pivots beforehand.
fn ms_least_pivot() -> f32 {
  return 0.0;
}
