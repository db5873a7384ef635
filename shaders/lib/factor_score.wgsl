// Score estimator: g = mean eps (f - mean f), G = mean (eps eps^T - I)(f - mean f), times n/(n - 1) since the mean is the leaf's own.
fn ms_factor(leaf: ms_Leaf, row: vec4f) -> f32 {
  return select((row.y - leaf.mean) * leaf.usable / max(leaf.usable - 1.0, 1.0), 0.0, row.x == ms_NO_VALUE);
}
