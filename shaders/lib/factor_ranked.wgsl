// Ranked estimator: g = sum u eps, G = sum u (eps eps^T - I), with the utilities the rank kernel wrote.
fn ms_factor(leaf: ms_Leaf, row: vec4f) -> f32 {
  return select(row.w, 0.0, row.x == ms_NO_VALUE);
}
