// The largest step along the natural gradient of f = l - omega log q whose KL divergence, from the old Gaussian to the new one, is
// within the component's bound: rho = 1/kappa for the smallest kappa >= omega with KL(kappa) <= bound. With the eigenvalues lambda of
// -G:
//   KL(kappa) = 1/2 sum_i [-log s_i + s_i - 1] + 1/2 |(kappa - G)^-1 g|^2,   s_i = kappa / (kappa + lambda_i)
// It falls as kappa grows. All lanes test one kappa each, evenly apart in their logarithms, and close in on the first that will do.

// What is left to a precision that shrinks, as a share of that precision: it shrinks to a thousandth at most.
const ms_LEAST_SHARE: f32 = 1.0e-3;
// Each divides the interval, of at most 2^8 doublings, by the number of lanes; it ends at about 2^-16 doublings.
const ms_SEARCH_ROUNDS: u32 = select(select(6u, 5u, ms_LANES >= 32u), 4u, ms_LANES >= 64u);

var<workgroup> ms_first: array<atomic<u32>, ms_SEARCH_ROUNDS>;

// -log(1 - t) - t, given 1 - t as well. By its series near 0, where a logarithm is off by more than the result.
fn ms_log_excess(t: f32, rest: f32) -> f32 {
  if (abs(t) < 0.125) {
    let series = 1.0 / 5.0 + t * (1.0 / 6.0 + t * (1.0 / 7.0 + t * (1.0 / 8.0 + t * (1.0 / 9.0))));
    return t * t * (0.5 + t * (1.0 / 3.0 + t * (0.25 + t * series)));
  }
  return -log(max(rest, 1.0e-37)) - t;
}

// At kappa = base + gap, where no lambda is below -base.
fn ms_divergence(k: u32, base: f32, gap: f32, length: f32) -> f32 {
  var sum = ms_distance(k, base, gap, length);
  for (var i = 0u; i < DIM; i++) {
    let lambda = ms_eigenvalues[i];
    let size = gap + max(base + lambda, 0.0);
    sum += ms_log_excess(lambda / size, (base + gap) / size);
  }
  return 0.5 * sum;
}

fn ms_rate(k: u32, lane: u32, squares: vec2f, finite: bool, go: bool) -> f32 {
  if (!ms_agreed(lane, go)) {
    return 0.0;
  }
  for (var round = lane; round < ms_SEARCH_ROUNDS; round += ms_LANES) {
    atomicStore(&ms_first[round], ms_LANES);
  }
  ms_find_spectrum(k, lane, squares);
  var least = ms_eigenvalues[0];
  var largest = 0.0;
  for (var i = 0u; i < DIM; i++) {
    least = min(least, ms_eigenvalues[i]);
    largest = max(largest, abs(ms_eigenvalues[i]));
  }
  let omega = max(ms_control.temperature, 1.0e-30);
  let bound = clamp(ms_components[k * ms_RECORD + ms_STEP], 1.0e-30, 1.0e30);
  let base = max(-least, 0.0);
  let full = max(omega, ms_LEAST_SHARE * base + ms_SPECTRUM_ERROR * largest - least);
  // From 2 |G| on, KL <= (|G|^2 + 2 |g|^2) / kappa^2.
  let norm = sqrt(squares.y);
  let length = sqrt(squares.x);
  let most = max(max(2.0 * norm, (norm + 1.4143 * length) * inverseSqrt(bound)) * 1.01, full);
  let start = log2(full - base);
  var low = start;
  var high = log2(most - base);
  var taken = false;
  for (var round = 0u; round < ms_SEARCH_ROUNDS; round++) {
    let width = (high - low) / f32(ms_LANES);
    let gap = select(exp2(low + f32(lane) * width), full - base, round == 0u && lane == 0u);
    if (ms_divergence(k, base, gap, length) <= bound) {
      atomicMin(&ms_first[round], lane);
    }
    workgroupBarrier();
    let first = atomicLoad(&ms_first[round]);
    taken = taken || (round == 0u && first == 0u);
    if (first < ms_LANES) {
      high = low + f32(first) * width;
    }
    low += (f32(first) - 1.0) * width;
  }
  return 1.0 / select(base + exp2(high), full, taken);
}
