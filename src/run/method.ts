/**
 * What a method is: a named choice of sampling, estimator, step, weighing, temperature and adaptation for the one loop. Plain data;
 * methods differ in nothing else.
 */
import type { Utilities } from '../estimator/utilities.ts';
import type { Nodes } from '../kernels/compose.ts';
import type { Estimator } from '../kernels/estimator.ts';
import type { Covariance } from '../kernels/state.ts';
import type { Sampling } from '../sampler/plan.ts';
import type { Temperature } from '../schedule/temperature.ts';
import type { AdaptiveSize, Step } from '../step/step.ts';

export interface Method {
  readonly name: string;
  /** The options it was made from, echoed in results. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly covariance: Covariance;
  readonly sampling: Sampling;
  /** Own samples may be whitened: J >= d + 1 of them, with mean 0 and covariance I exactly. Default: drawn. */
  readonly nodes?: Nodes | undefined;
  /** How components look at a shared batch. */
  readonly batch?: Batch | undefined;
  readonly estimator: Estimator;
  readonly utilities: Utilities;
  /** First and least ridge of the quadratic estimator. */
  readonly ridge?: number | undefined;
  readonly step: Step;
  readonly weights: Weights;
  readonly temperature: Temperature;
  /** Components are added where the mixture misses mass, and removed where they gained none. */
  readonly adapt?: Adaptation | undefined;
  /** K and samples per component, where the method has its own idea. */
  readonly components?: number | undefined;
  readonly samples?: number | undefined;
  /** Iterations of a run that is not told how long. */
  readonly iterations?: number | undefined;
}

export interface Batch {
  /** Importance weights are divided by their sum, rather than by what it is on average. */
  readonly selfNormalised: boolean;
  /** A component takes only the rows it drew itself. */
  readonly ownRows: boolean;
  /** Rows of earlier iterations used again, as a multiple of the samples per component. */
  readonly reuse: number;
  /** Most rows drawn in an iteration; default what all components together ask for. */
  readonly budget?: number | undefined;
}

export type Weights =
  /** logit += ratio rho (F - mean F), none below `floor` / K; ratio 0 leaves the weights as they are. */
  | { readonly kind: 'rate'; readonly ratio: number; readonly floor: number }
  /** log w += ratio rho (F - sum w F), none below `floor`. */
  | { readonly kind: 'exact'; readonly ratio: number; readonly floor: number }
  /** By rewards, in a second phase on the same samples with the updated components. */
  | { readonly kind: 'reward'; readonly rule: 'direct' | 'trust'; readonly size: AdaptiveSize };

export interface Adaptation {
  /** Most components. */
  readonly capacity: number;
  /** Iterations between additions. */
  readonly addEvery: number;
  /** Iterations over which a component must have stagnated to be removed. */
  readonly removeAfter: number;
  /** Past samples, at most, among which places for new components are looked for. */
  readonly pastRows: number;
}

/** Makes a method once the objective is known: what derivatives it has and its dimension. */
export interface MethodSpec {
  /** Such as `nva` or `SAMTRON`. */
  readonly name: string;
  /** The method for an objective. @throws OptionError where its options do not fit */
  resolve(objective: { derivatives: 'value' | 'gradient' | 'hessian'; dim: number }): Method;
}

/** Whether the number of rows of an iteration is found on the GPU, from one iteration to the next. */
export const isAllotted = (method: Method): boolean => method.weights.kind === 'reward';

/** Rows reused at most, per component. */
export const reusedRows = (method: Method, samples: number): number => Math.floor((method.batch?.reuse ?? 0) * samples);
