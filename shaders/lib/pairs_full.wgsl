// The entries of a symmetric matrix that are kept: the lower triangle, by rows.
const ms_PAIRS: u32 = DIM * (DIM + 1u) / 2u;

fn ms_pair(p: u32) -> vec2u {
  return ms_lower_entry(p);
}

fn ms_pair_index(a: u32, b: u32) -> u32 {
  let row = max(a, b);
  return row * (row + 1u) / 2u + min(a, b);
}
