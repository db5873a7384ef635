/**
 * Where a run begins: K Gaussians in search coordinates, whose covariances are diagonal or given whole.
 */
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

/** Means uniform in the box, standard deviation a quarter of its width (nva.md 4.1, DESIGN section 5). */
export function uniformStart(dim: number, components: number, seed: number, wave = 0, deviation = FIRST_DEVIATION): Start {
  const random = new RandomStream(seed, purpose.initialise, wave);
  const means = new Float64Array(components * dim).map(() => 2 * random.uniform() - 1);
  return { means, deviations: new Float64Array(components * dim).fill(deviation) };
}
