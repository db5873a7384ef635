// Ranked estimator: g = sum u eps, G = sum u (eps eps^T - I), with the utilities the rank kernel wrote.
fn ms_gradient_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, i: u32) -> f32 {
  return row.w * ms_eps[i * ms_chunk.stride + index];
}

fn ms_matrix_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, pair: vec2u, p: u32) -> f32 {
  let product = ms_eps[pair.x * ms_chunk.stride + index] * ms_eps[pair.y * ms_chunk.stride + index];
  return row.w * (product - select(0.0, 1.0, pair.x == pair.y));
}
