/**
 * Pareto-smoothed importance sampling: how heavy the tail of a set of weights is, and weights tamed by the fit.
 *
 * (Vehtari, Simpson, Gelman, Yao & Gabry, Pareto smoothed importance sampling, JMLR 25, 2024; the fit: Zhang & Stephens,
 * Technometrics 51, 2009.)
 */

/** Fewer draws than this cannot tell how heavy a tail is: five would be left for it. */
const FEWEST_DRAWS = 25;
const FEWEST_IN_TAIL = 5;
/** Weights below this share of the largest (as a logarithm) count as nothing: float64 goes no lower. */
const LOWEST = -708;
/** Log weights nearer to one another than this are alike: the rest is rounding. */
const ALIKE = 1e-10;

export interface Smoothed {
  /**
   * Shape of the generalised Pareto distribution fitted to the largest weights. Averages by these weights are good below 0.7 (more
   * strictly, below `min(0.7, 1 - 1 / log10 n)`), biased up to 1, and worth nothing from 1 on. Infinity with fewer than 25 weights
   * or fewer than five in the tail: too few to tell. 0 where the largest weights are all alike: there is no tail.
   */
  k: number;
  /** Log weights, the tail replaced by the quantiles of the fit, none above the largest raw one; their exponentials sum to one. */
  logWeights: Float64Array;
}

/** Smooths log weights, known but for a constant; -Infinity for a weight of 0. At least one must be finite. */
export function paretoSmooth(raw: ArrayLike<number>): Smoothed {
  const top = largestOf(raw);
  const logs = Float64Array.from(raw, (log) => log - top);
  const k = smoothTail(logs);
  const total = Math.log(logs.reduce((sum, log) => sum + Math.exp(log), 0));
  return { k, logWeights: logs.map((log) => log - total) };
}

/** Replaces the tail, where it can be fitted; the largest entry is 0. */
function smoothTail(logs: Float64Array): number {
  const n = logs.length;
  if (n < FEWEST_DRAWS) return Infinity;
  const order = Uint32Array.from(logs.keys()).sort((a, b) => logs[a]! - logs[b]!);
  const length = Math.ceil(Math.min(0.2 * n, 3 * Math.sqrt(n)));
  const cutoff = Math.max(logs[order[n - length - 1]!]!, LOWEST);
  if (cutoff > -ALIKE) return 0;
  const tail = order.subarray(n - length).filter((at) => logs[at]! > cutoff);
  if (tail.length < FEWEST_IN_TAIL) return Infinity;
  const threshold = Math.exp(cutoff);
  const { k, sigma } = fitPareto(Float64Array.from(tail, (at) => Math.exp(logs[at]!) - threshold));
  if (!Number.isFinite(k) || !(sigma > 0)) return Infinity;
  tail.forEach((at, i) => {
    const surprise = -Math.log1p(-(i + 0.5) / tail.length);
    const excess = sigma * (Math.abs(k) < Number.EPSILON ? surprise : Math.expm1(k * surprise) / k);
    logs[at] = Math.min(Math.log(excess + threshold), 0);
  });
  return k;
}

/**
 * Shape and scale of a generalised Pareto distribution from values above its threshold, in ascending order. The shape is drawn to
 * 0.5 as if by ten more values, the scale is not.
 */
export function fitPareto(excess: Float64Array): { k: number; sigma: number } {
  const n = excess.length;
  const grid = 30 + Math.floor(Math.sqrt(n));
  const quartile = excess[Math.floor(n / 4 + 0.5) - 1]!;
  const shape = (b: number) => excess.reduce((sum, x) => sum + Math.log1p(-b * x), 0) / n;
  const rates = Float64Array.from({ length: grid }, (_, i) => 1 / excess[n - 1]! + (1 - Math.sqrt(grid / (i + 0.5))) / (3 * quartile));
  const profile = rates.map((b) => {
    const k = shape(b);
    return n * (Math.log(-b / k) - k - 1);
  });
  const top = profile.reduce((most, value) => (value > most ? value : most), -Infinity);
  let rate = 0;
  let total = 0;
  profile.forEach((value, i) => {
    // Where the rate is 0 the profile is not a number.
    const share = value > -Infinity ? Math.exp(value - top) : 0;
    rate += share * rates[i]!;
    total += share;
  });
  rate /= total;
  const k = shape(rate);
  return { k: (n * k + 5) / (n + 10), sigma: -k / rate };
}

export function largestOf(values: ArrayLike<number>): number {
  let top = -Infinity;
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i]!);
  return top;
}
