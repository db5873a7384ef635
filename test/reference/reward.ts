/**
 * Weights by rewards (formulas/gmmvi.md 3.6-3.8, consistent in the temperature): what rows say of a component, and the weights and step
 * sizes that follow.
 */
import { sum, type Vector } from './matrix.ts';

export const LEAST_LOG_WEIGHT = -69.07;

/** A row as one component sees it. */
export interface RewardRow {
  /** undefined: no usable value. */
  l: number | undefined;
  f: number;
  /** share_k N_k(x) / proposal(x) */
  weight: number;
  /** For whom rows are reused: the weight itself, or q(x) / proposal(x); 0 for a row without a value. */
  reuse: number;
  fresh: boolean;
  reusable: boolean;
}

/** Of one leaf: weight, its square, weight f, fresh rows without a value; weight of reusable rows and its square. */
export function rewardSums(rows: readonly RewardRow[]): Vector {
  const usable = rows.filter(({ l }) => l !== undefined);
  const reusable = rows.filter((row) => row.reusable);
  return [
    sum(usable.map(({ weight }) => weight)),
    sum(usable.map(({ weight }) => weight ** 2)),
    sum(usable.map(({ weight, f }) => weight * f)),
    rows.filter(({ l, fresh }) => l === undefined && fresh).length,
    sum(reusable.map(({ reuse }) => reuse)),
    sum(reusable.map(({ reuse }) => reuse ** 2)),
  ];
}

/** E_k[f]; undefined where no row counts for the component. `average`: what the weights are on average, if not self-normalised. */
export const expectation = (leaves: readonly Vector[], average: number | undefined): number | undefined => {
  const weight = sum(leaves.map((leaf) => leaf[0]));
  if (!(weight > 0)) return undefined;
  return sum(leaves.map((leaf) => leaf[2])) / (average ?? weight);
};

/** (sum w)^2 / sum w^2 of the reusable rows. */
export const reusableRows = (leaves: readonly Vector[]): number =>
  sum(leaves.map((leaf) => leaf[4])) ** 2 / Math.max(sum(leaves.map((leaf) => leaf[5])), 1e-37);

export interface SizeOptions {
  rule: 'fixed' | 'decaying' | 'improvement';
  first: number;
  least: number;
  most: number;
  power: number;
}

/** first / (1 + count^power), with 0^power = 0 except 0^0 = 1 */
export const decayed = ({ first, power }: SizeOptions, count: number): number => first / (1 + count ** power);

/** Better: 15 % larger; else 15 % smaller. */
export const adapted = ({ least, most }: SizeOptions, size: number, better: boolean): number =>
  better ? Math.min(1.15 * size, most) : Math.max(0.85 * size, least);

/** sum w (R - omega log w) over components that have a reward */
export const elboOf = (logWeights: Vector, rewards: readonly (number | undefined)[], temperature: number): number =>
  sum(logWeights.map((w, k) => (rewards[k] === undefined ? 0 : Math.exp(w) * (rewards[k] - temperature * w))));

/** sum w E[f] / sum w over components that have a value */
export function averageOf(logWeights: Vector, values: readonly (number | undefined)[]): number {
  const valued = logWeights.map((w, k) => (values[k] === undefined ? [0, 0] : [Math.exp(w) * values[k], Math.exp(w)]));
  return sum(valued.map(([value]) => value)) / sum(valued.map(([, weight]) => weight));
}

function normalise(logWeights: Vector): Vector {
  const top = Math.max(...logWeights);
  const total = top + Math.log(sum(logWeights.map((w) => Math.exp(w - top))));
  return logWeights.map((w) => w - total);
}

/** log w + scale a, normalised, none below the floor, normalised. */
export const weighed = (logWeights: Vector, values: Vector, scale: number): Vector =>
  normalise(normalise(logWeights.map((w, k) => w + scale * values[k])).map((w) => Math.max(w, LEAST_LOG_WEIGHT)));

/** KL(a || b) */
export const divergence = (a: Vector, b: Vector): number => sum(a.map((w, k) => Math.exp(w) * (w - b[k])));
