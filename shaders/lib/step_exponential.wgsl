// The exponential step Sigma <- L exp(rho G) L^T, positive definite whatever G (GMBBVI, arXiv 2601.14855). The exponential is the square
// of that of X = rho G / 2, a Taylor polynomial by Horner's rule: rate_spectral.wgsl holds |X| at 1/2, where degree 7 is off by 1e-7.
// Products of the work triangle are put in the place of L^-1, which is made anew in the end.

const ms_DEGREE: u32 = 7u;

// Entry (a, b), b <= a, of G times the work triangle's matrix, which commute.
fn ms_times_moments(moments: u32, a: u32, b: u32) -> f32 {
  let row_a = a * (a + 1u) / 2u;
  let row_b = b * (b + 1u) / 2u;
  var sum = 0.0;
  for (var m = 0u; m <= b; m++) {
    sum += ms_moments[moments + row_a + m] * ms_work_get(row_b + m);
  }
  var row = row_b + b + 1u;
  for (var m = b + 1u; m <= a; m++) {
    sum += ms_moments[moments + row_a + m] * ms_work_get(row + b);
    row += m + 1u;
  }
  for (var m = a + 1u; m < DIM; m++) {
    sum += ms_moments[moments + row + a] * ms_work_get(row + b);
    row += m + 1u;
  }
  return sum;
}

// The same of the matrix times itself.
fn ms_squared(a: u32, b: u32) -> f32 {
  let row_a = a * (a + 1u) / 2u;
  let row_b = b * (b + 1u) / 2u;
  var sum = 0.0;
  for (var m = 0u; m <= b; m++) {
    sum += ms_work_get(row_a + m) * ms_work_get(row_b + m);
  }
  var row = row_b + b + 1u;
  for (var m = b + 1u; m <= a; m++) {
    sum += ms_work_get(row_a + m) * ms_work_get(row + b);
    row += m + 1u;
  }
  for (var m = a + 1u; m < DIM; m++) {
    sum += ms_work_get(row + a) * ms_work_get(row + b);
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
  let moments = k * ms_MOMENT + DIM;
  let product = k * 2u * ms_FACTOR + ms_FACTOR;
  let half = 0.5 * rate;
  for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
    let pair = ms_pair(p);
    ms_work_set(p, select(0.0, 1.0, pair.x == pair.y) + half / f32(ms_DEGREE) * ms_moments[moments + p]);
  }
  ms_work_barrier();
  // I + X/m times what there is, for m = 6, ..., 1; at last, m = 0, the square.
  for (var turn = 1u; turn <= ms_DEGREE; turn++) {
    let m = ms_DEGREE - turn;
    for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
      let pair = ms_pair(p);
      if (m == 0u) {
        ms_factors[product + p] = ms_squared(pair.x, pair.y);
      } else {
        ms_factors[product + p] = select(0.0, 1.0, pair.x == pair.y) + half / f32(m) * ms_times_moments(moments, pair.x, pair.y);
      }
    }
    ms_work_barrier();
    // Each lane takes back what it has put there.
    for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
      ms_work_set(p, ms_factors[product + p]);
    }
    ms_work_barrier();
  }
  if (ms_cholesky(lane) != 0u) {
    // Nothing is to change: L^-1 as it was.
    ms_invert_factor(k, lane);
    return vec4f(0.0, 0.0, 1.0, 0.0);
  }
  return ms_step_by_factor(k, lane, mean_rate, ms_mean_by_new());
}
