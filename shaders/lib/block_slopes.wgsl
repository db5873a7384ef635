// Stein estimator: g = mean h, G = sym mean eps (h - mean h)^T, with h = L^T grad f. Slopes are summed about those of the first usable
// sample, so that a large common slope costs no digits.
fn ms_sum_block(leaf: ms_Leaf, row: u32, column: u32, part: u32) {
  let rows = ms_axes_from(row);
  let columns = ms_axes_from(column);
  let known = ms_first_usable(leaf);
  let some = known < leaf.count;
  let base = select(vec4f(0.0), ms_slopes_at(rows, leaf.first_index + known), some);
  let other_base = select(vec4f(0.0), ms_slopes_at(columns, leaf.first_index + known), some);
  var draws = vec4f(0.0);
  var slopes = vec4f(0.0);
  var other_draws = vec4f(0.0);
  var other_slopes = vec4f(0.0);
  var rows0 = vec4f(0.0);
  var rows1 = vec4f(0.0);
  var rows2 = vec4f(0.0);
  var rows3 = vec4f(0.0);
  var count = 0.0;
  // Two at a time, as in component_moments.wgsl. In place of one without a value, whose slopes need not be numbers, the known one is read.
  for (var s = known; s < leaf.count; s += 2u) {
    let there0 = ms_is_usable_at(leaf, s);
    let there1 = s + 1u < leaf.count && ms_is_usable_at(leaf, s + 1u);
    let at0 = leaf.first_index + select(known, s, there0);
    let at1 = leaf.first_index + select(known, s + 1u, there1);
    let count0 = select(0.0, 1.0, there0);
    let count1 = select(0.0, 1.0, there1);
    let e0 = count0 * ms_draws_at(rows, at0);
    let e1 = count1 * ms_draws_at(rows, at1);
    let h0 = count0 * (ms_slopes_at(rows, at0) - base);
    let h1 = count1 * (ms_slopes_at(rows, at1) - base);
    let other_e0 = count0 * ms_draws_at(columns, at0);
    let other_e1 = count1 * ms_draws_at(columns, at1);
    let other_h0 = count0 * (ms_slopes_at(columns, at0) - other_base);
    let other_h1 = count1 * (ms_slopes_at(columns, at1) - other_base);
    count += count0 + count1;
    draws += e0 + e1;
    slopes += h0 + h1;
    other_draws += other_e0 + other_e1;
    other_slopes += other_h0 + other_h1;
    rows0 += e0.x * other_h0 + h0.x * other_e0 + e1.x * other_h1 + h1.x * other_e1;
    rows1 += e0.y * other_h0 + h0.y * other_e0 + e1.y * other_h1 + h1.y * other_e1;
    rows2 += e0.z * other_h0 + h0.z * other_e0 + e1.z * other_h1 + h1.z * other_e1;
    rows3 += e0.w * other_h0 + h0.w * other_e0 + e1.w * other_h1 + h1.w * other_e1;
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

fn ms_slopes_at(axes: vec4u, index: u32) -> vec4f {
  return vec4f(ms_slopes[axes.x + index], ms_slopes[axes.y + index], ms_slopes[axes.z + index], ms_slopes[axes.w + index]);
}

fn ms_is_usable_at(leaf: ms_Leaf, s: u32) -> bool {
  return ms_values[ms_value_index(leaf.component, leaf.first + s)].x != ms_NO_VALUE;
}

// The first sample with a value; past the leaf's end if there is none.
fn ms_first_usable(leaf: ms_Leaf) -> u32 {
  var s = 0u;
  while (s < leaf.count && !ms_is_usable_at(leaf, s)) {
    s++;
  }
  return s;
}
