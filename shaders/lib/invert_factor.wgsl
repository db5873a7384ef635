// L^-1 beside L in ms_factors, one column a lane; -sum log L_ii - d/2 log 2 pi and tr(L L^T) on the way.
// To be called after a storage barrier that follows the writing of L.
fn ms_invert_factor(component: u32, lane: u32) -> vec2f {
  let base = component * 2u * ms_FACTOR;
  let inverse = base + ms_FACTOR;
  var sums = vec2f(0.0);
  for (var c = lane; c < DIM; c += ms_LANES) {
    for (var r = c; r < DIM; r++) {
      let row = r * (r + 1u) / 2u;
      var sum = select(0.0, 1.0, r == c);
      for (var m = c; m < r; m++) {
        sum -= ms_factors[base + row + m] * ms_factors[inverse + m * (m + 1u) / 2u + c];
      }
      ms_factors[inverse + row + c] = sum / ms_factors[base + row + r];
    }
    let row = c * (c + 1u) / 2u;
    sums.x -= log(ms_factors[base + row + c]);
    for (var j = 0u; j <= c; j++) {
      sums.y += ms_factors[base + row + j] * ms_factors[base + row + j];
    }
  }
  let total = ms_sum(lane, vec4f(sums, 0.0, 0.0)).xy;
  return vec2f(total.x - f32(DIM) * ms_HALF_LOG_TWO_PI, total.y);
}
