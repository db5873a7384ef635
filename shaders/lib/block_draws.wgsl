// Sums of eps and eps eps^T - I, each sample times a factor: the score and the ranked estimator. A block of 4 x 4 entries.
fn ms_sum_block(leaf: ms_Leaf, row: u32, column: u32, part: u32) {
  var sums = mat4x4f();
  var gradient = vec4f(0.0);
  var factors = 0.0;
  for (var s = 0u; s < leaf.count; s++) {
    let factor = ms_factor(leaf, s);
    // In a batch shared by many components most samples count for few of them.
    if (factor != 0.0) {
      let left = factor * ms_draws_at(row, leaf.first_index + s);
      sums += ms_outer(left, ms_draws_at(column, leaf.first_index + s));
      gradient += left;
      factors += factor;
    }
  }
  if (row == column) {
    ms_write_gradient(part, row, gradient);
    sums -= ms_diagonal(factors);
  }
  ms_write_matrix(part, row, column, sums);
}
