/**
 * Where a run begins: K Gaussians in search coordinates, whose covariances are diagonal or given whole.
 */
import { OptionError } from '../gpu/errors.ts';
import { purpose, RandomStream } from './random.ts';

/** K components in search coordinates. */
export interface Start {
  /** K x d. */
  means: Float64Array;
  /** K x d standard deviations, or K packed lower triangles of covariances. */
  deviations?: Float64Array;
  covariances?: Float64Array;
  /** Defaults to 1/K each. */
  logWeights?: Float64Array;
}

/** The first standard deviation per axis: a quarter of the box's width. */
export const FIRST_DEVIATION = 0.5;

/** A start as the user gives it, in their own coordinates. */
export interface GivenStart {
  /** A mean for each component. */
  means: readonly (readonly number[])[];
  /** Standard deviation, the same for all axes or one each. */
  deviation: number | readonly number[];
}

/** @param enter u and dx/du for a coordinate of the user's on an axis; undefined where it has none */
export function givenStart(
  start: GivenStart,
  dim: number,
  enter: (x: number, axis: number) => { u: number; slope: number } | undefined,
  where = 'inside the box',
): Start {
  const { means, deviation } = start;
  if (!Array.isArray(means) || means.length === 0) throw new OptionError('start.means must be a list with a mean for each component');
  const each = typeof deviation === 'number' ? new Array<number>(dim).fill(deviation) : deviation;
  if (!Array.isArray(each) || each.length !== dim || !each.every((value) => Number.isFinite(value) && value > 0)) {
    throw new OptionError(`start.deviation must be a number above 0, or ${dim} of them`);
  }
  const result = { means: new Float64Array(means.length * dim), deviations: new Float64Array(means.length * dim) };
  means.forEach((mean, k) => {
    if (mean.length !== dim)
      throw new OptionError(`start.means: mean ${k} has ${mean.length} coordinates, and there are ${dim} dimensions`);
    mean.forEach((x: number, i: number) => {
      const entered = Number.isFinite(x) ? enter(x, i) : undefined;
      if (!entered) throw new OptionError(`start.means: coordinate ${i} of mean ${k} is ${x}; it must be a number ${where}`);
      result.means[k * dim + i] = entered.u;
      result.deviations[k * dim + i] = each[i]! / entered.slope;
    });
  });
  return result;
}

/** Means uniform in the box, standard deviation a quarter of its width (nva.md 4.1, DESIGN section 5). */
export function uniformStart(dim: number, components: number, seed: number, wave = 0, deviation = FIRST_DEVIATION): Start {
  const random = new RandomStream(seed, purpose.initialise, wave);
  const means = new Float64Array(components * dim).map(() => 2 * random.uniform() - 1);
  return { means, deviations: new Float64Array(components * dim).fill(deviation) };
}
