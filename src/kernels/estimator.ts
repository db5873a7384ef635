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
