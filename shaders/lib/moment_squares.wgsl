// |g|^2, |G|_F^2, and how many of their entries are of no use.
fn ms_moment_squares(k: u32, lane: u32) -> vec4f {
  var squares = vec4f(0.0);
  for (var p = lane; p < DIM + ms_PAIRS; p += ms_LANES) {
    let entry = ms_moments[k * ms_MOMENT + p];
    squares.z += select(1.0, 0.0, ms_is_usable(entry));
    if (p < DIM) {
      squares.x += entry * entry;
    } else {
      let pair = ms_pair(p - DIM);
      squares.y += entry * entry * select(2.0, 1.0, pair.x == pair.y);
    }
  }
  return ms_sum(lane, squares);
}
