/**
 * How far a step goes. The rate of the natural-gradient step is rho = min(rate (omega_1/omega)^power, limit), so that
 *   `relative` eta:  rho = eta/omega (eta = 1 is a full step; nva.md 4.2)
 *   `absolute` rho:  rank-based estimators, whose moments carry no scale
 *   `power` rho_1, p: the authors' rho_t = min(rho_1 (omega_1/omega_t)^p, rho_1/1e-7) (Minh et al. 2025)
 * and a trust bound holds rho max(|G|_F, |g|) per component. With an `own` size every component has a beta of its own, which follows
 * from how its reward changes (Arenz et al. 2023): rho = beta/omega, or the bound on the KL divergence of a trust-region step.
 */
import type { SizeRule } from '../kernels/control.ts';
import type { StepRule } from '../kernels/update.ts';

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

export interface Step {
  rule: StepRule;
  /** The mean moves by the new covariance (NVA) or by the old one (Lin 2020). */
  meanBy: 'new' | 'old';
  /** The first step of a component moves its mean too (the default), or its covariance only (Lin 2020). */
  meanFirst?: 'at-once' | 'second';
  size: StepSize | ({ kind: 'own' } & AdaptiveSize);
  /** Bound on rho max(|G|_F, |g|); 0 for none. */
  trust: number;
  /** Iterations at the start with frozen covariances. */
  burn: number;
}

/** rate, rate_power and rate_limit of the parameter block, given the first temperature. */
export function rateConstants(size: Step['size'], firstTemperature: number): { rate: number; ratePower: number; rateLimit: number } {
  const unlimited = 3e38;
  if (size.kind === 'own') return { rate: 0, ratePower: 0, rateLimit: unlimited };
  if (size.kind === 'relative') return { rate: size.rate / firstTemperature, ratePower: 1, rateLimit: unlimited };
  if (size.kind === 'absolute') return { rate: size.rate, ratePower: 0, rateLimit: unlimited };
  return { rate: size.rate, ratePower: size.power ?? 0.7, rateLimit: size.rate / 1e-7 };
}
