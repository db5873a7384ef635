// Sums of eps and eps eps^T - I, each sample times a factor: the score and the ranked estimator.
fn ms_sum_block(leaf: ms_Leaf, row: u32, column: u32, part: u32) {
  var rows0 = vec4f(0.0);
  var rows1 = vec4f(0.0);
  var rows2 = vec4f(0.0);
  var rows3 = vec4f(0.0);
  var gradient = vec4f(0.0);
  var factors = 0.0;
  for (var s = 0u; s < leaf.count; s++) {
    let factor = ms_factor(leaf, s);
    // In a batch shared by many components most samples count for few of them.
    if (factor != 0.0) {
      let left = factor * ms_draws_at(row, leaf.first_index + s);
      let right = ms_draws_at(column, leaf.first_index + s);
      rows0 += left.x * right;
      rows1 += left.y * right;
      rows2 += left.z * right;
      rows3 += left.w * right;
      gradient += left;
      factors += factor;
    }
  }
  var rows = mat4x4f(rows0, rows1, rows2, rows3);
  if (row == column) {
    ms_write_gradient(part, row, gradient);
    rows = mat4x4f(
      rows0 - vec4f(factors, 0.0, 0.0, 0.0),
      rows1 - vec4f(0.0, factors, 0.0, 0.0),
      rows2 - vec4f(0.0, 0.0, factors, 0.0),
      rows3 - vec4f(0.0, 0.0, 0.0, factors),
    );
  }
  ms_write_matrix(part, row, column, rows);
}
