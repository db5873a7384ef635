// Stein estimator: g = mean h, G = sym mean eps (h - mean h)^T, with h = L^T grad f.
fn ms_gradient_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, i: u32) -> f32 {
  return weight * ms_slopes[i * ms_chunk.stride + index];
}

fn ms_matrix_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, pair: vec2u, p: u32) -> f32 {
  let a = ms_eps[pair.x * ms_chunk.stride + index] * (ms_slopes[pair.y * ms_chunk.stride + index] - ms_slope_mean[pair.y]);
  let b = ms_eps[pair.y * ms_chunk.stride + index] * (ms_slopes[pair.x * ms_chunk.stride + index] - ms_slope_mean[pair.x]);
  return weight * 0.5 * (a + b);
}
