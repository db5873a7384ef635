// The exponential step Sigma <- L exp(rho G) L^T, positive definite whatever G (GMBBVI, arXiv 2601.14855). The exponential is the square
// of that of X = rho G / 2, a Taylor polynomial by Horner's rule: rate_spectral.wgsl holds |X| at 1/2, where degree 7 is off by 1e-7.
// Products go to and fro between the work triangle and the place of L^-1, which is made anew in the end.

const ms_DEGREE: u32 = 7u;

fn ms_polynomial_get(in_work: bool, spare: u32, at: u32) -> f32 {
  if (in_work) {
    return ms_work_get(at);
  }
  return ms_factors[spare + at];
}

// Entry (a, b), b <= a, of the product of two symmetric matrices that commute: G, or the polynomial again, times the polynomial.
fn ms_product(k: u32, in_work: bool, squared: bool, a: u32, b: u32) -> f32 {
  let spare = k * 2u * ms_FACTOR + ms_FACTOR;
  let moments = k * ms_MOMENT + DIM;
  let row_a = a * (a + 1u) / 2u;
  let row_b = b * (b + 1u) / 2u;
  var sum = 0.0;
  var row = 0u;
  for (var m = 0u; m < DIM; m++) {
    let left = select(row + a, row_a + m, m <= a);
    let right = select(row + b, row_b + m, m <= b);
    let polynomial = ms_polynomial_get(in_work, spare, right);
    if (squared) {
      sum += ms_polynomial_get(in_work, spare, left) * polynomial;
    } else {
      sum += ms_moments[moments + left] * polynomial;
    }
    row += m + 1u;
  }
  return sum;
}

// Returns (log normaliser, tr Sigma, failed, 0). Called by all lanes with the same `go`.
fn ms_take_step(k: u32, lane: u32, go: bool, mean_rate: f32, rate: f32) -> vec4f {
  if (!ms_agreed(lane, go)) {
    return vec4f(0.0, 0.0, 1.0, 0.0);
  }
  ms_work_open(k);
  let spare = k * 2u * ms_FACTOR + ms_FACTOR;
  let half = 0.5 * rate;
  for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
    let pair = ms_pair(p);
    let entry = half / f32(ms_DEGREE) * ms_moments[k * ms_MOMENT + DIM + p];
    ms_factors[spare + p] = select(0.0, 1.0, pair.x == pair.y) + entry;
  }
  storageBarrier();
  workgroupBarrier();
  // I + X/m times what there is, for m = 6, ..., 1; at last the square.
  for (var step = 1u; step <= ms_DEGREE; step++) {
    let in_work = step % 2u == 0u;
    let squared = step == ms_DEGREE;
    let factor = half / f32(max(ms_DEGREE - step, 1u));
    for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
      let pair = ms_pair(p);
      let product = ms_product(k, in_work, squared, pair.x, pair.y);
      let entry = select(select(0.0, 1.0, pair.x == pair.y) + factor * product, product, squared);
      if (in_work) {
        ms_factors[spare + p] = entry;
      } else {
        ms_work_set(p, entry);
      }
    }
    storageBarrier();
    workgroupBarrier();
  }
  if (ms_cholesky(lane) != 0u) {
    // Nothing is to change: L^-1 as it was.
    ms_invert_factor(k, lane);
    return vec4f(0.0, 0.0, 1.0, 0.0);
  }
  return ms_step_by_factor(k, lane, mean_rate, ms_mean_by_new());
}
