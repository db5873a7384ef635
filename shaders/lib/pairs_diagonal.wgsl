// The entries of a symmetric matrix that are kept: the diagonal.
const ms_PAIRS: u32 = DIM;

fn ms_pair(p: u32) -> vec2u {
  return vec2u(p, p);
}
