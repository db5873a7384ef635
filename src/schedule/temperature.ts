/**
 * The temperature omega over the iterations.
 *   adaptive:  1/omega grows by c/sd(l), which keeps an effective sample size of 1/(1 + c^2) (nva.md 4.3); starts at sd(l)
 *              with `floor` it stays there and the run ends by its iterations (posteriors: 1)
 *   power:     omega_1 / t^alpha (Minh et al. 2025)
 *   geometric: from omega_1 to `final` in `iterations`; omega_1 is the spread of l, or where its slopes are ten times the entropy's
 *   fixed:     omega_1 throughout (variational inference at temperature 1)
 */
export type Temperature = { first?: number | undefined; final?: number | undefined; floor?: number | undefined } & (
  | { kind: 'adaptive'; cooling: number }
  | { kind: 'power'; power: number }
  | { kind: 'geometric'; iterations: number; from?: 'spread' | 'slopes' }
  | { kind: 'fixed' }
);

/** Share below which the adaptive schedule does not let omega fall in one iteration. */
export const COOLING_LIMIT = 0.8;

/** Where schedules end that are not told, as a share of the first temperature: a standard deviation of a hundredth of the first one. */
export const FINAL_SHARE = 1e-4;

export function temperatureConstants(temperature: Temperature, first: number) {
  const floor = temperature.floor ?? 0;
  const none = { power: 0, ratio: 1, cooling: 0, final: 0, floor };
  if (temperature.kind === 'fixed') return none;
  const final = temperature.final ?? FINAL_SHARE * first;
  // With a floor the temperature stays there, and the run ends by its iterations.
  const end = floor > 0 ? 0 : final;
  switch (temperature.kind) {
    case 'adaptive':
      return { ...none, cooling: temperature.cooling, final: end };
    case 'power':
      return { ...none, power: temperature.power, final: end };
    case 'geometric':
      // The last of the iterations runs at `final`; the next would be below it.
      return { ...none, ratio: (final / first) ** (1 / Math.max(temperature.iterations - 1, 1)), final: 0.9999 * end };
  }
}

/**
 * A scale of the objective's values: their standard deviation, with values further than five robust deviations
 * (1.4826 median absolute deviations) from the median pulled in to there, so that a wall or a spike does not set it.
 */
export function robustSpread(values: ArrayLike<number>): number {
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length < 2) return 0;
  const median = medianOf(finite);
  const deviation = 1.4826 * medianOf(finite.map((value) => Math.abs(value - median)));
  const reach = deviation > 0 ? 5 * deviation : Number.POSITIVE_INFINITY;
  const held = finite.map((value) => Math.min(Math.max(value, median - reach), median + reach));
  const mean = held.reduce((sum, value) => sum + value, 0) / held.length;
  return Math.sqrt(held.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (held.length - 1));
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : 0.5 * (sorted[middle - 1]! + sorted[middle]!);
}
