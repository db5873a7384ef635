// Score estimator: g = mean eps (f - mean f), G = mean (eps eps^T - I)(f - mean f), times n/(n - 1) since the mean is the leaf's own.
// Plain means of whitened draws (not ms_UNBIASED): their own mean is 0 and their covariance I, in the one leaf there is of them.
fn ms_centred_value(leaf: ms_Leaf, row: vec4f, weight: f32) -> f32 {
  if (!ms_UNBIASED) {
    return weight * (row.y - leaf.mean);
  }
  return weight * (row.y - leaf.mean) * leaf.usable / max(leaf.usable - 1.0, 1.0);
}

fn ms_gradient_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, i: u32) -> f32 {
  return ms_centred_value(leaf, row, weight) * ms_eps[i * ms_chunk.stride + index];
}

fn ms_matrix_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, pair: vec2u, p: u32) -> f32 {
  let product = ms_eps[pair.x * ms_chunk.stride + index] * ms_eps[pair.y * ms_chunk.stride + index];
  return ms_centred_value(leaf, row, weight) * (product - select(0.0, 1.0, pair.x == pair.y));
}
