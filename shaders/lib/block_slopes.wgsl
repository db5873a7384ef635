// Stein estimator: g = mean h, G = sym mean eps (h - mean h)^T, with h = L^T grad f. Slopes are summed about those of the first usable
// sample, so that a large common slope costs no digits.
fn ms_sum_block(leaf: ms_Leaf, row: u32, column: u32, part: u32) {
  var base = vec4f(0.0);         // slopes of the first usable sample: in rows,
  var other_base = vec4f(0.0);   // and in columns
  var draws = vec4f(0.0);
  var slopes = vec4f(0.0);
  var other_draws = vec4f(0.0);
  var other_slopes = vec4f(0.0);
  var rows0 = vec4f(0.0);
  var rows1 = vec4f(0.0);
  var rows2 = vec4f(0.0);
  var rows3 = vec4f(0.0);
  var count = 0.0;
  for (var s = 0u; s < leaf.count; s++) {
    if (ms_values[ms_value_index(leaf.component, leaf.first + s)].x != ms_NO_VALUE) {
      let index = leaf.first_index + s;
      if (count == 0.0) {
        base = ms_slopes_at(row, index);
        other_base = ms_slopes_at(column, index);
      }
      count += 1.0;
      let e = ms_draws_at(row, index);
      let h = ms_slopes_at(row, index) - base;
      let other_e = ms_draws_at(column, index);
      let other_h = ms_slopes_at(column, index) - other_base;
      draws += e;
      slopes += h;
      other_draws += other_e;
      other_slopes += other_h;
      rows0 += e.x * other_h + h.x * other_e;
      rows1 += e.y * other_h + h.y * other_e;
      rows2 += e.z * other_h + h.z * other_e;
      rows3 += e.w * other_h + h.w * other_e;
    }
  }
  if (row == column) {
    ms_write_gradient(part, row, slopes + count * base);
  }
  let share = 1.0 / max(count, 1.0);
  ms_write_matrix(part, row, column, mat4x4f(
    0.5 * (rows0 - share * (draws.x * other_slopes + slopes.x * other_draws)),
    0.5 * (rows1 - share * (draws.y * other_slopes + slopes.y * other_draws)),
    0.5 * (rows2 - share * (draws.z * other_slopes + slopes.z * other_draws)),
    0.5 * (rows3 - share * (draws.w * other_slopes + slopes.w * other_draws)),
  ));
}

fn ms_slopes_at(axis: u32, index: u32) -> vec4f {
  return vec4f(
    ms_slopes[axis * ms_chunk.stride + index],
    ms_slopes[min(axis + 1u, DIM - 1u) * ms_chunk.stride + index],
    ms_slopes[min(axis + 2u, DIM - 1u) * ms_chunk.stride + index],
    ms_slopes[min(axis + 3u, DIM - 1u) * ms_chunk.stride + index],
  );
}
