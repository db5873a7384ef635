// Ranked estimator: g = sum u eps, G = sum u (eps eps^T - I), with the utilities the rank kernel wrote.
fn ms_factor(leaf: ms_Leaf, s: u32) -> f32 {
  let row = ms_values[ms_value_index(leaf.component, leaf.first + s)];
  return select(row.w, 0.0, row.x == ms_NO_VALUE);
}
