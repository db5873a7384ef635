// Sums of eps and eps eps^T - I, each sample times a factor: the score and the ranked estimator. A block of 4 x 4 entries.
fn ms_sum_block(leaf: ms_Leaf, row: u32, column: u32, part: u32) {
  let rows = ms_axes_from(row);
  let columns = ms_axes_from(column);
  var sums = mat4x4f();
  var gradient = vec4f(0.0);
  var factors = 0.0;
  // Two at a time, as in component_moments.wgsl. In a batch shared by many components most samples count for few of them; in place of one
  // that does not, whose draw may be anything, the other is read.
  for (var s = 0u; s < leaf.count; s += 2u) {
    let next = min(s + 1u, leaf.count - 1u);
    let factor0 = ms_factor(leaf, s);
    let factor1 = select(0.0, ms_factor(leaf, next), next != s);
    if (factor0 != 0.0 || factor1 != 0.0) {
      let at0 = leaf.first_index + select(next, s, factor0 != 0.0);
      let at1 = leaf.first_index + select(s, next, factor1 != 0.0);
      let left0 = factor0 * ms_draws_at(rows, at0);
      let left1 = factor1 * ms_draws_at(rows, at1);
      sums += ms_outer(left0, ms_draws_at(columns, at0)) + ms_outer(left1, ms_draws_at(columns, at1));
      gradient += left0 + left1;
      factors += factor0 + factor1;
    }
  }
  if (row == column) {
    ms_write_gradient(part, row, gradient);
    sums -= ms_diagonal(factors);
  }
  ms_write_matrix(part, row, column, sums);
}
