// As block_draws.wgsl, a block of 8 x 8 entries: half as many loads an entry.
fn ms_sum_block(leaf: ms_Leaf, row: u32, column: u32, part: u32) {
  let rows0 = ms_axes_from(row);
  let rows1 = ms_axes_from(row + 4u);
  let columns0 = ms_axes_from(column);
  let columns1 = ms_axes_from(column + 4u);
  var sums00 = mat4x4f();
  var sums01 = mat4x4f();
  var sums10 = mat4x4f();
  var sums11 = mat4x4f();
  var gradient0 = vec4f(0.0);
  var gradient1 = vec4f(0.0);
  var factors = 0.0;
  for (var s = 0u; s < leaf.count; s++) {
    let factor = ms_factor(leaf, s);
    if (factor != 0.0) {
      let left0 = factor * ms_draws_at(rows0, leaf.first_index + s);
      let left1 = factor * ms_draws_at(rows1, leaf.first_index + s);
      let right0 = ms_draws_at(columns0, leaf.first_index + s);
      let right1 = ms_draws_at(columns1, leaf.first_index + s);
      sums00 += ms_outer(left0, right0);
      sums01 += ms_outer(left0, right1);
      sums10 += ms_outer(left1, right0);
      sums11 += ms_outer(left1, right1);
      gradient0 += left0;
      gradient1 += left1;
      factors += factor;
    }
  }
  if (row == column) {
    ms_write_gradient(part, row, gradient0);
    ms_write_gradient(part, row + 4u, gradient1);
    sums00 -= ms_diagonal(factors);
    sums11 -= ms_diagonal(factors);
  } else {
    ms_write_matrix(part, row, column + 4u, sums01);
  }
  ms_write_matrix(part, row, column, sums00);
  ms_write_matrix(part, row + 4u, column, sums10);
  ms_write_matrix(part, row + 4u, column + 4u, sums11);
}
