/**
 * What a method is: a named choice of sampling, estimator, step and temperature for the one loop. Plain data; methods differ in
 * nothing else.
 */
import type { Utilities } from '../estimator/utilities.ts';
import type { Estimator } from '../kernels/moments.ts';
import type { Covariance } from '../kernels/state.ts';
import type { Sampling } from '../sampler/plan.ts';
import type { Temperature } from '../schedule/temperature.ts';
import type { Step } from '../step/step.ts';

export interface Method {
  readonly name: string;
  /** The options it was made from, echoed in results. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly covariance: Covariance;
  readonly sampling: Sampling;
  /** `auto` is resolved from what the objective gives: Stein with a gradient, else score. */
  readonly estimator: Estimator;
  readonly utilities: Utilities;
  readonly step: Step;
  /** Weight step: rhoWeight as a share of the component's rho (0: weights stay as they are), and the floor as a share of 1/K. */
  readonly weights: { readonly ratio: number; readonly floor: number };
  readonly temperature: Temperature;
  /** K and samples per component, where the method has its own idea. */
  readonly components?: number | undefined;
  readonly samples?: number | undefined;
}

/** Makes a method once the objective is known: what derivatives it has and its dimension. */
export interface MethodSpec {
  readonly name: string;
  resolve(objective: { derivatives: 'value' | 'gradient' | 'hessian'; dim: number }): Method;
}
