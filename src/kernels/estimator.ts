/** Estimators of a component's moments, and what each reads of the objective. */
import type { Derivatives } from './compose.ts';

/** `quadratic`: g and G are fitted by kernels of their own (regress.ts); here only counts, means and the best point. */
export type Estimator = 'score' | 'stein' | 'hessian' | 'ranked' | 'quadratic';

export const derivativesOf: Record<Estimator, Derivatives> = {
  score: 'value',
  ranked: 'value',
  stein: 'gradient',
  hessian: 'hessian',
  quadratic: 'value',
};
