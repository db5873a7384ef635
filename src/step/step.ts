/**
 * How far a step goes. The rate of the natural-gradient step is rho = min(rate (omega_1/omega)^power, limit), so that
 *   `relative` eta:  rho = eta/omega (eta = 1 is a full step; nva.md 4.2)
 *   `absolute` rho:  rank-based estimators, whose moments carry no scale
 *   `power` rho_1, p: the authors' rho_t = min(rho_1 (omega_1/omega_t)^p, rho_1/1e-7) (Minh et al. 2025)
 * and a trust bound holds rho max(|G|_F, |g|) per component. With an `own` size every component has a beta of its own, which follows
 * from how its reward changes (Arenz et al. 2023): rho = beta/omega, or the bound on the KL divergence of a trust-region step.
 */
import type { SizeRule } from '../kernels/control.ts';
import type { Decay, StepRule } from '../kernels/update.ts';

/** A size that changes by a rule of its own: `decaying` first/(1 + n^power), `improvement` times 1.15 or 0.85 within [least, most]. */
export interface AdaptiveSize {
  rule: SizeRule;
  first: number;
  least: number;
  most: number;
  power: number;
}

/** The size at the first step: by `improvement`, nothing having improved yet, it is the first one shrunk (Arenz et al. 2023). */
export function firstSize({ rule, first, least, power }: AdaptiveSize): number {
  if (rule === 'improvement') return Math.max(0.85 * first, least);
  return rule === 'decaying' && power === 0 ? first / 2 : first;
}

export interface StepSize {
  kind: 'relative' | 'absolute' | 'power';
  /** eta, rho or rho_1. */
  rate: number;
  /** p of the power law. */
  power?: number;
}

/**
 * GMBBVI's size (arXiv 2601.14855), never further than the curvature allows: dt = min(eta_n rate, rate / |Lambda|), |Lambda| the largest
 * |eigenvalue| of G / omega, rho = dt / omega (see shaders/lib/rate_spectral.wgsl). The first `anneal.iterations` have a rate of their own and no eta, each component its own dt.
 */
export interface SpectralSize {
  kind: 'spectral';
  /** dt_max. */
  rate: number;
  decay: Decay;
  /** Iterations over which eta falls; default the rest of the run, where it is known how long that is. */
  iterations?: number | undefined;
  /** |Lambda| is the largest of all components, or each has its own. */
  together: boolean;
  /** At most this share of a run whose length is known. */
  anneal: { iterations: number; share: number; rate: number };
}

/** Where eta ends. */
export const LEAST_ETA = 0.1;

/** Iterations over which eta falls where nothing else says. */
export const DECAY_ITERATIONS = 300;

export interface Step {
  rule: StepRule;
  /** The mean moves by the new covariance (NVA) or by the old one (Lin 2020). */
  meanBy: 'new' | 'old';
  /** The first step of a component moves its mean too (the default), or its covariance only (Lin 2020). */
  meanFirst?: 'at-once' | 'second';
  size: StepSize | ({ kind: 'own' } & AdaptiveSize) | SpectralSize;
  /** Bound on rho max(|G|_F, |g|); 0 for none. */
  trust: number;
  /** Iterations at the start with frozen covariances. */
  burn: number;
}

/** rate, rate_power and rate_limit of the parameter block, given the first temperature. */
export function rateConstants(size: Step['size'], firstTemperature: number): { rate: number; ratePower: number; rateLimit: number } {
  const unlimited = 3e38;
  if (size.kind === 'own') return { rate: 0, ratePower: 0, rateLimit: unlimited };
  if (size.kind === 'spectral') return { rate: size.rate, ratePower: 0, rateLimit: unlimited };
  if (size.kind === 'relative') return { rate: size.rate / firstTemperature, ratePower: 1, rateLimit: unlimited };
  if (size.kind === 'absolute') return { rate: size.rate, ratePower: 0, rateLimit: unlimited };
  return { rate: size.rate, ratePower: size.power ?? 0.7, rateLimit: size.rate / 1e-7 };
}

/** A spectral size over a run of `iterations`, where it is known how many: those that anneal, and those over which it then falls. */
export function decayConstants(size: Step['size'], iterations: number | undefined) {
  if (size.kind !== 'spectral') return { anneal: 0, annealRate: 0, iterations: 0 };
  const { anneal } = size;
  const annealed = Math.min(anneal.iterations, Math.floor(anneal.share * (iterations ?? Number.POSITIVE_INFINITY)));
  const rest = iterations === undefined ? DECAY_ITERATIONS : Math.max(iterations - annealed, 1);
  return { anneal: annealed, annealRate: anneal.rate, iterations: size.iterations ?? rest };
}
