// Hessian estimator: g = mean L^T grad f, G = mean L^T Hess f L.
fn ms_gradient_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, i: u32) -> f32 {
  return weight * ms_slopes[i * ms_chunk.stride + index];
}

fn ms_matrix_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, pair: vec2u, p: u32) -> f32 {
  return weight * ms_slopes[(DIM + p) * ms_chunk.stride + index];
}
