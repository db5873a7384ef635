// The entries of a symmetric matrix that are kept: the lower triangle, by rows.
const ms_PAIRS: u32 = DIM * (DIM + 1u) / 2u;

fn ms_pair(p: u32) -> vec2u {
  var row = u32(floor((sqrt(8.0 * f32(p) + 1.0) - 1.0) * 0.5));
  if (row * (row + 1u) / 2u > p) {
    row -= 1u;
  } else if ((row + 1u) * (row + 2u) / 2u <= p) {
    row += 1u;
  }
  return vec2u(row, p - row * (row + 1u) / 2u);
}

fn ms_pair_index(a: u32, b: u32) -> u32 {
  let row = max(a, b);
  return row * (row + 1u) / 2u + min(a, b);
}
