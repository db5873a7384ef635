/** Log density of a Gaussian mixture, its gradient and Hessian, responsibilities (formulas/nva.md 3.3). */
import { inverseLower, logNormaliser } from './cholesky.ts';
import { add, addVectors, apply, dot, type Matrix, multiply, outer, scale, scaleVector, transpose, type Vector } from './matrix.ts';

export interface Component {
  logWeight: number;
  mean: Vector;
  /** Sigma = L L^T, S = L^-T L^-1 */
  factor: Matrix;
  precision: Matrix;
  logNormaliser: number;
}

export function component(logWeight: number, mean: Vector, factor: Matrix): Component {
  const inverse = inverseLower(factor);
  return { logWeight, mean, factor, precision: multiply(transpose(inverse), inverse), logNormaliser: logNormaliser(factor) };
}

const difference = (x: Vector, mean: Vector): Vector => x.map((entry, i) => entry - mean[i]);

/** log N(x; mu, Sigma) */
export function logGaussian(own: Component, x: Vector): number {
  const apart = difference(x, own.mean);
  return own.logNormaliser - 0.5 * dot(apart, apply(own.precision, apart));
}

function logSumExp(terms: Vector): number {
  const top = Math.max(...terms);
  return top + Math.log(terms.reduce((total, term) => total + Math.exp(term - top), 0));
}

const logTerms = (mixture: readonly Component[], x: Vector): Vector => mixture.map((own) => own.logWeight + logGaussian(own, x));

export const logDensity = (mixture: readonly Component[], x: Vector): number => logSumExp(logTerms(mixture, x));

/** The same components with other log-weights. */
export const withWeights = (mixture: readonly Component[], logWeights: Vector): Component[] =>
  mixture.map((own, k) => ({ ...own, logWeight: logWeights[k] }));

export function responsibilities(mixture: readonly Component[], x: Vector): Vector {
  const terms = logTerms(mixture, x);
  const total = logSumExp(terms);
  return terms.map((term) => Math.exp(term - total));
}

/** a_j = -S_j (x - mu_j), the gradient of log N_j */
export const pull = (own: Component, x: Vector): Vector => scaleVector(-1, apply(own.precision, difference(x, own.mean)));

/** sum_j r_j a_j */
export function gradLogDensity(mixture: readonly Component[], x: Vector): Vector {
  const shares = responsibilities(mixture, x);
  return mixture.map((own, j) => scaleVector(shares[j], pull(own, x))).reduce(addVectors);
}

/** sum_j r_j (a_j a_j^T - S_j) - (grad log q)(grad log q)^T */
export function hessLogDensity(mixture: readonly Component[], x: Vector): Matrix {
  const shares = responsibilities(mixture, x);
  const gradient = gradLogDensity(mixture, x);
  const within = mixture
    .map((own, j) => {
      const a = pull(own, x);
      return scale(shares[j], add(outer(a, a), scale(-1, own.precision)));
    })
    .reduce(add);
  return add(within, scale(-1, outer(gradient, gradient)));
}
