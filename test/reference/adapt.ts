/**
 * Components removed and added, and the rows of the next iteration (formulas/gmmvi.md 3.3, 3.4, 3.9, with its defects mended); the store
 * of past samples.
 */
import { identity, type Matrix, scale, sum, type Vector } from './matrix.ts';
import { uniform } from './normals.ts';
import { randomWords, SHARED, type Words2 } from './philox.ts';

/** Purpose of the number that an addition draws. */
export const ADAPT = 3;
export const ADDED_LOG_WEIGHT = Math.log(1e-29);

// ---- the store of past samples

/** The slot of row i in a store of R rows, straight from its definition; undefined where the row is not kept. */
export function pastSlot(i: number, R: number): number | undefined {
  if (i < R) return i;
  let e = 1;
  while (i >= R * 2 ** e) e++;
  if (i % 2 ** e !== 0) return undefined;
  const t = (i - R * 2 ** (e - 1)) / 2 ** e;
  return pastSlot(2 ** (e - 1) * (2 * t + 1), R);
}

// ---- removal

export interface Entry {
  /** undefined: there was none, or the component was not there. */
  reward: number | undefined;
  share: number;
}

/** What the iteration just ended adds to the histories. */
export function historyEntries(components: readonly { logWeight: number; reward: number | undefined }[], temperature: number): Entry[] {
  const rewards = components.map(({ reward }) => reward).filter((reward) => reward !== undefined);
  const top = Math.max(...rewards);
  const total = sum(rewards.map((reward) => Math.exp((reward - top) / temperature)));
  return components.map(({ logWeight, reward }) => {
    const greedy = reward === undefined ? 0 : Math.exp((reward - top) / temperature) / total;
    return { reward, share: Math.max(Math.exp(logWeight), greedy) };
  });
}

const smoothingHalf = (removeAfter: number): number => Math.max(Math.floor(removeAfter / 3), 1);

/** Gaussian mean of a window, oldest first. */
export function smoothed(window: readonly Entry[], removeAfter: number): number | undefined {
  if (window.some(({ reward }) => reward === undefined)) return undefined;
  const half = smoothingHalf(removeAfter);
  const kernel = window.map((_, i) => Math.exp(-0.5 * ((i - half) / (removeAfter / 8)) ** 2));
  return sum(window.map(({ reward }, i) => kernel[i] * reward!)) / sum(kernel);
}

/**
 * Which components go. `histories`: per component all entries up to the present, oldest first, from when the run began.
 * `margin`: how far the closest decision of those that matter was from going the other way, in units of the rewards.
 */
export function removals(
  logWeights: Vector,
  histories: readonly (readonly Entry[])[],
  removeAfter: number,
): { gone: boolean[]; margin: number } {
  const window = 2 * smoothingHalf(removeAfter);
  const length = removeAfter + window;
  if (histories[0].length < length) return { gone: logWeights.map(() => false), margin: Infinity };
  const heaviest = logWeights.indexOf(Math.max(...logWeights));
  const now = histories.map((own) => smoothed(own.slice(-window), removeAfter));
  const old = histories.map((own) => smoothed(own.slice(-length, -removeAfter), removeAfter));
  const top = Math.max(...now.filter((value) => value !== undefined));
  let margin = Infinity;
  const gone = histories.map((own, k) => {
    if (k === heaviest || own.slice(-length).some(({ share }) => share >= 1e-6)) return false;
    if (now[k] === undefined || old[k] === undefined) return false;
    const [o, n] = [old[k] - top, now[k] - top];
    margin = Math.min(margin, Math.abs(n - o - 0.4 * Math.abs(o)));
    return n - o <= 0.4 * Math.abs(o);
  });
  return { gone, margin };
}

export function normalised(logWeights: Vector): Vector {
  const top = Math.max(...logWeights);
  const total = top + Math.log(sum(logWeights.map((w) => Math.exp(w - top))));
  return logWeights.map((w) => w - total);
}

// ---- addition

export interface PastRow {
  /** undefined: no usable value. */
  l: number | undefined;
  logQ: number;
}

/** l - omega max(max log q - delta, log q) of the store's rows. */
export function scores(rows: readonly PastRow[], delta: number, temperature: number): (number | undefined)[] {
  const top = Math.max(...rows.filter(({ l }) => l !== undefined).map(({ logQ }) => logQ));
  return rows.map(({ l, logQ }) => (l === undefined ? undefined : l - temperature * Math.max(top - delta, logQ)));
}

/** The first of the largest scores; -1 where there is none. */
export function bestRow(all: readonly (number | undefined)[]): number {
  const top = Math.max(...all.filter((score) => score !== undefined));
  return all.findIndex((score) => score !== undefined && score === top);
}

/** H(N) = d/2 (log 2 pi + 1) + sum log L_ii */
export const gaussianEntropy = (factor: Matrix): number =>
  0.5 * factor.length * (Math.log(2 * Math.PI) + 1) + sum(factor.map((row, i) => Math.log(row[i])));

/** log sigma of a new component, from one number of the generator. */
export function addedLogDeviation(
  weights: Vector,
  entropies: Vector,
  options: { dim: number; startEntropy: number; round: number; seed: Words2; cap: number; floor: number },
): number {
  const { dim, startEntropy, round, seed, cap, floor } = options;
  const a = uniform(randomWords(0, ADAPT, 0, SHARED, round, seed)[0]);
  const entropy = a * sum(weights.map((w, k) => w * entropies[k])) + (1 - a) * startEntropy;
  const sigma = Math.exp(entropy / dim - 0.5 * (Math.log(2 * Math.PI) + 1));
  return Math.log(Math.max(cap > 0 ? Math.min(sigma, cap) : sigma, floor));
}

export const isotropic = (dim: number, deviation: number): Matrix => scale(deviation, identity(dim));

// ---- allotment

export interface AllotOptions {
  proposal: 'component' | 'mixture';
  samples: number;
  rowBudget: number;
  rowCapacity: number;
  reuse: number;
  leaf: number;
  /** Rows drawn and evaluations spent since the start. */
  drawn: number;
  evaluations: number;
  maxEvaluations: number;
}

/** `reusable`: effective sizes of the rows that may be reused, one a component. */
export function allot(reusable: Vector, options: AllotOptions) {
  const { proposal, rowBudget, rowCapacity, reuse, leaf, drawn, evaluations, maxEvaluations } = options;
  const count = reusable.length;
  const perDrawer = proposal === 'mixture' ? rowBudget : Math.floor(rowBudget / count);
  const samples = Math.max(1, Math.min(options.samples, perDrawer));
  const anew = (effective: number) => Math.min(Math.max(samples - Math.floor(effective), 1), samples);
  const draws = proposal === 'mixture' ? reusable.map(() => 0) : reusable.map(anew);
  const first = draws.map((_, k) => sum(draws.slice(0, k)));
  const fresh = proposal === 'mixture' ? anew(reusable[0]) : sum(draws);
  const reused = Math.min(reuse * count, drawn, Math.max(rowCapacity - fresh, 0));
  return {
    draws,
    first,
    fresh,
    rows: reused + fresh,
    leaves: Math.ceil((reused + fresh) / leaf),
    firstRow: ((drawn % rowCapacity) + rowCapacity - reused) % rowCapacity,
    stops: evaluations + fresh > maxEvaluations,
  };
}
