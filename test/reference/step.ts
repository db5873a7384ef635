/** One step of a component from its whitened moments (DESIGN section 1, formulas/nva.md 3.2, 4.1). */
import { cholesky } from './cholesky.ts';
import {
  add,
  addVectors,
  apply,
  diagonal,
  identity,
  inverse,
  type Matrix,
  multiply,
  scale,
  scaleVector,
  sum,
  transpose,
  type Vector,
} from './matrix.ts';

export interface StepOptions {
  rule: 'iblr' | 'direct';
  /** The mean moves by the new covariance (NVA) or the old one (Lin 2020). */
  meanBy: 'new' | 'old';
  rhoMean: number;
  rhoCov: number;
  /** Marginal standard deviations are held within these; cap 0 = none. */
  deviationFloor: number;
  deviationCap: number;
  /** |mean| per coordinate; 0 = none. */
  meanCap: number;
}

/** M, with Sigma_new = L M^-1 L^T: I - rho G, and for iBLR + rho^2/2 G^2. */
export function precisionChange(G: Matrix, rho: number, rule: 'iblr' | 'direct'): Matrix {
  const direct = add(identity(G.length), scale(-rho, G));
  return rule === 'direct' ? direct : add(direct, scale((rho * rho) / 2, multiply(G, G)));
}

/** The new mean and factor, or undefined where M is not positive definite. */
export function step(L: Matrix, mean: Vector, g: Vector, G: Matrix, options: StepOptions): { mean: Vector; factor: Matrix } | undefined {
  const change = precisionChange(G, options.rhoCov, options.rule);
  if (cholesky(change).failure !== 0) return undefined;
  const shrink = inverse(change);
  const covariance = multiply(multiply(L, shrink), transpose(L));
  const held = diagonal(
    covariance.map((row, i) => {
      const deviation = Math.sqrt(row[i]);
      const capped = options.deviationCap > 0 ? Math.min(deviation, options.deviationCap) : deviation;
      return Math.max(capped, options.deviationFloor) / deviation;
    }),
  );
  const move = options.meanBy === 'old' ? apply(L, g) : apply(held, apply(L, apply(shrink, g)));
  const moved = addVectors(mean, scaleVector(options.rhoMean, move));
  const { meanCap } = options;
  return {
    mean: meanCap > 0 ? moved.map((entry) => Math.min(Math.max(entry, -meanCap), meanCap)) : moved,
    factor: multiply(held, cholesky(covariance).factor),
  };
}

export interface RateOptions {
  rate: number;
  ratePower: number;
  rateLimit: number;
  /** Bound on rho max(|g|, |G|_F); 0 = none. */
  trust: number;
  temperature: number;
  firstTemperature: number;
  /** What earlier failures have left of the step size. */
  stepFactor: number;
}

/** rho = min(rate (omega_1/omega)^p, limit) times the step factor, at most trust / max(|g|, |G|_F). */
export function stepSize(g: Vector, G: Matrix, options: RateOptions): number {
  const scheduled = Math.min(options.rate * (options.firstTemperature / options.temperature) ** options.ratePower, options.rateLimit);
  const rho = scheduled * options.stepFactor;
  if (options.trust <= 0) return rho;
  const norm = Math.sqrt(Math.max(sum(g.map((x) => x * x)), sum(G.flat().map((x) => x * x))));
  return Math.min(rho, options.trust / norm);
}

/** A taken step lets the factor grow again, a failed one halves it. */
export const nextStepFactor = (factor: number, taken: boolean): number =>
  taken ? Math.min(1, factor * 1.25) : Math.max(factor * 0.5, 1e-3);
