/** Estimators of a component's moments, and what each reads of the objective. */
import type { Derivatives } from './compose.ts';
import { type Covariance, pairs } from './state.ts';

/** `quadratic`: g and G are fitted by kernels of their own (regress.ts); here only counts, means and the best point. */
export type Estimator = 'score' | 'stein' | 'hessian' | 'ranked' | 'quadratic';

export const derivativesOf: Record<Estimator, Derivatives> = {
  score: 'value',
  ranked: 'value',
  stein: 'gradient',
  hessian: 'hessian',
  quadratic: 'value',
};

/** Features of a quadratic fit: squares and products, linear terms, the constant. As many effective samples are the least it needs. */
export const features = (dim: number, covariance: Covariance): number => pairs(dim, covariance) + dim + 1;

/**
 * Dimensions up to which an invocation sums up a component of a shared batch by itself (component-moments.ts). Beyond them the text grows long and the sums many. The score estimator at d = 32 takes a third of the time of rows that go through memory
 * (bench/README.md); the Stein estimator, which sums twice as many, takes drivers a minute to compile at d = 25.
 */
export const MAX_COMPONENT_DIM = { score: 32, stein: 16 } as const;
