// Score estimator: g = mean eps (f - mean f), G = mean (eps eps^T - I)(f - mean f), times n/(n - 1) since the mean is the leaf's own.
fn ms_factor(leaf: ms_Leaf, s: u32) -> f32 {
  let weight = ms_importance(leaf.component, leaf.first + s);
  if (weight == 0.0) {
    return 0.0;
  }
  let row = ms_values[ms_value_index(leaf.component, leaf.first + s)].xy;
  return select(weight * (row.y - leaf.mean) * leaf.usable / max(leaf.usable - 1.0, 1.0), 0.0, row.x == ms_NO_VALUE);
}
