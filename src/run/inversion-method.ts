/**
 * Methods that look at the predictions of a forward model and not only at their misfit: a named choice of members, exploration, moments and
 * step for the loop, or of a particle step. Plain data.
 */

export type InversionMethod = SigmaMethod | ParticleMethod;

/** Most particles: their J x J system is factorised by one workgroup, in J^3 / 3 steps. */
export const MAX_PARTICLES = 2048;

/**
 * A method of {@link invert}, as {@link gmki}, {@link dfGmvi}, {@link uki}, {@link eki} and {@link eks} make it; resolved once the problem
 * is known.
 */
export interface InversionMethodSpec {
  /** As in `inversionMethods`. */
  readonly name: string;
  /** `inversion` tells it from methods that fit a density. */
  readonly inversion: true;
  /** The method for a problem with `dim` parameters. @throws OptionError where its options do not fit */
  resolve(problem: { dim: number }): InversionMethod;
}

/** Components whose sigma points are run through the model. */
export interface SigmaMethod {
  readonly kind: 'sigma';
  readonly name: string;
  /** Echoed in results. */
  readonly options: Readonly<Record<string, unknown>>;
  /** h of a step, in (0, 1). */
  readonly step: number;
  /** Distance of the sigma points from the mean, in standard deviations. */
  readonly spread: number;
  /** Gaussian-mixture Kalman inversion flattens the mixture before; else its entropy is part of the moments. */
  readonly exploration?: Exploration | undefined;
  readonly entropy?: Entropy | undefined;
  /** Smallest weight of a component. */
  readonly weightFloor: number;
  readonly components: number;
  readonly iterations: number;
}

export interface Exploration {
  readonly rule: 'whitened' | 'sampled' | 'hermite' | 'sigma' | 'none';
  /** Nodes a component; of `hermite`, an axis. */
  readonly nodes: number;
}

export type Entropy = 'mean' | 'unscented' | 'cubature';

/** An ensemble of particles, which is all of its state. */
export interface ParticleMethod {
  readonly kind: 'particle';
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** `inversion`: ensemble Kalman inversion; `sampler`: the ensemble Kalman sampler. */
  readonly rule: 'inversion' | 'sampler';
  readonly particles: number;
  readonly iterations: number;
  /** A fixed time step; undefined: adaptive (by the data misfit; of the sampler, by the size of the drift). */
  readonly step?: number | undefined;
}
