/** GMBBVI's step and its size (formulas/kalman.md 3.3, 3.4). */
import { cholesky } from './cholesky.ts';
import { add, addVectors, apply, diagonal, identity, type Matrix, multiply, scale, scaleVector, transpose, type Vector } from './matrix.ts';

/** exp of a symmetric matrix: Taylor of a 2^-s-th of it, squared s times. */
export function exponential(a: Matrix): Matrix {
  const size = Math.max(...a.map((row) => row.reduce((sum, entry) => sum + Math.abs(entry), 0)));
  const squarings = Math.max(0, Math.ceil(Math.log2(Math.max(size, 1e-300))) + 2);
  const small = scale(2 ** -squarings, a);
  let result = identity(a.length);
  for (let degree = 18; degree >= 1; degree--) result = add(identity(a.length), scale(1 / degree, multiply(small, result)));
  for (let s = 0; s < squarings; s++) result = multiply(result, result);
  return result;
}

export interface ExponentialOptions {
  rho: number;
  meanBy: 'new' | 'old';
  deviationFloor: number;
  deviationCap: number;
}

/** Sigma <- L exp(rho G) L^T, mean += rho L g by the old L or the new one. */
export function exponentialStep(
  L: Matrix,
  mean: Vector,
  g: Vector,
  G: Matrix,
  options: ExponentialOptions,
): { mean: Vector; factor: Matrix } {
  const covariance = multiply(multiply(L, exponential(scale(options.rho, G))), transpose(L));
  const held = diagonal(
    covariance.map((row, i) => {
      const deviation = Math.sqrt(row[i]);
      const capped = options.deviationCap > 0 ? Math.min(deviation, options.deviationCap) : deviation;
      return Math.max(capped, options.deviationFloor) / deviation;
    }),
  );
  const factor = multiply(held, cholesky(covariance).factor);
  return { factor, mean: addVectors(mean, scaleVector(options.rho, apply(options.meanBy === 'new' ? factor : L, g))) };
}

export type DecayName = 'constant' | 'stable-cosine' | 'stable-linear' | 'cosine' | 'exponential';

/** eta of iteration n = 1 .. N, and of those past N. */
export function eta(decay: DecayName, n: number, length: number, least: number): number {
  const at = Math.min(n, length);
  const half = length / 2;
  const cosine = (share: number): number => least + 0.5 * (1 - least) * (1 + Math.cos(Math.PI * share));
  switch (decay) {
    case 'stable-cosine':
      return at <= half ? 1 : cosine((at - half) / half);
    case 'stable-linear':
      return at <= half ? 1 : 1 - ((1 - least) * (at - half)) / half;
    case 'cosine':
      return cosine(at / length);
    case 'exponential':
      return least * (1 / least) ** ((length - at) / Math.max(length - 1, 1));
    default:
      return 1;
  }
}

/** rho = dt / omega, dt = min(eta most, bound / |Lambda|), |Lambda| that of G / omega. */
export const spectralRate = (options: { most: number; bound: number; eta: number; radius: number; omega: number }): number =>
  Math.min(options.eta * options.most, options.bound / (options.radius / options.omega)) / options.omega;
