// No sums of draws: another kernel fits them.
fn ms_gradient_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, i: u32) -> f32 {
  return 0.0;
}

fn ms_matrix_term(leaf: ms_Leaf, row: vec4f, weight: f32, index: u32, pair: vec2u, p: u32) -> f32 {
  return 0.0;
}
