/**
 * Steps of Gaussian-mixture Kalman inversion and DF-GMVI from a component's sigma points (formulas/kalman.md 3.1.3, 3.2), in coordinates
 * whitened by the component, and by their definitions.
 */
import type { Differences } from './inversion.ts';
import {
  add,
  addVectors,
  apply,
  diagonal,
  dot,
  identity,
  inverse,
  type Matrix,
  multiply,
  outer,
  scale,
  scaleVector,
  sum,
  transpose,
  type Vector,
} from './matrix.ts';
import { type Component, logDensity, pull, responsibilities } from './mixture.ts';

/** What the prior says at a component: V = P^(-1/2) L, and p = -P^(-1/2) mean. */
export interface PriorTerms {
  V: Matrix;
  p: Vector;
}

export const noPrior = (dim: number): PriorTerms => ({ V: scale(0, identity(dim)), p: new Array<number>(dim).fill(0) });

/** `inverse`: the inverse Cholesky factor of the prior's covariance P. */
export const priorTerms = ({ factor, mean }: Pick<Component, 'factor' | 'mean'>, inverseFactor: Matrix): PriorTerms => ({
  V: multiply(inverseFactor, factor),
  p: scaleVector(-1, apply(inverseFactor, mean)),
});

export interface Moments {
  g: Vector;
  G: Matrix;
}

/** R = I/h + S^T S */
export const kalmanNoise = ({ bends }: Pick<Differences, 'bends'>, h: number): Matrix =>
  add(multiply(transpose(bends), bends), scale(1 / h, identity(bends[0].length)));

/** `slopes` and `innovation` are whitened by R. */
export const kalmanMoments = (slopes: Matrix, innovation: Vector, { V, p }: PriorTerms, h: number): Moments => ({
  g: addVectors(scaleVector(1 / h, apply(slopes, innovation)), apply(transpose(V), p)),
  G: add(scale(-1 / h, multiply(slopes, transpose(slopes))), scale(-1, multiply(transpose(V), V))),
});

/** On top of the entropy's. */
export function variationalMoments(
  before: Moments,
  { slopes, bends }: Differences,
  residual: Vector,
  { V, p }: PriorTerms,
  c: number,
): Moments {
  const curvature = diagonal(bends.map((bend) => (6 * dot(bend, bend)) / (c * c)));
  return {
    g: addVectors(before.g, addVectors(apply(slopes, residual), apply(transpose(V), p))),
    G: [multiply(slopes, transpose(slopes)), curvature, multiply(transpose(V), V)].reduce((G, term) => add(G, scale(-1, term)), before.G),
  };
}

/** C^-1 <- L^-T (I - h G) L^-1, mean <- mean + h C L^-T g. */
export function stepByMoments({ factor, mean }: Pick<Component, 'factor' | 'mean'>, { g, G }: Moments, h: number) {
  const covariance = multiply(multiply(factor, inverse(add(identity(G.length), scale(-h, G)))), transpose(factor));
  return { covariance, mean: addVectors(mean, scaleVector(h, apply(covariance, apply(transpose(inverse(factor)), g)))) };
}

/**
 * The gain of the augmented system F = [G; theta] with noise blkdiag(I, P)/h, from the sigma points themselves: predictions are whitened
 * and about the data, so that residuals are -G. C <- C - K C_x^T, which is C - K C_xx K^T and so on.
 */
export function augmentedStep(
  { factor, mean }: Pick<Component, 'factor' | 'mean'>,
  residuals: Matrix,
  prior: Matrix | undefined,
  c: number,
  h: number,
) {
  const dim = mean.length;
  const points = residuals.map((_, point) => {
    const axis = (point - 1) >> 1;
    return mean.map((entry, i) => (point === 0 ? entry : entry + (point % 2 === 1 ? c : -c) * factor[i][axis]));
  });
  const x = residuals.map((r, point) => [...r.map((entry) => -entry), ...(prior ? points[point] : [])]);
  const observations = residuals[0].length;
  const size = x[0].length;
  const noise = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) =>
      i < observations || j < observations ? (i === j ? 1 / h : 0) : (prior as Matrix)[i - observations][j - observations] / h,
    ),
  );
  const cross = Array.from({ length: dim }, () => new Array<number>(size).fill(0));
  let own = noise;
  for (let point = 1; point < points.length; point++) {
    const dx = x[point].map((entry, i) => entry - x[0][i]);
    const dTheta = points[point].map((entry, i) => entry - mean[i]);
    const weight = 1 / (2 * c * c);
    outer(dTheta, dx).forEach((row, i) => {
      row.forEach((entry, j) => {
        cross[i][j] += weight * entry;
      });
    });
    own = add(own, scale(weight, outer(dx, dx)));
  }
  const gain = multiply(cross, inverse(own));
  return {
    covariance: add(multiply(factor, transpose(factor)), scale(-1, multiply(gain, transpose(cross)))),
    // The prior's mean is 0 here.
    mean: addVectors(mean, apply(gain, scaleVector(-1, x[0]))),
  };
}

export interface EntropyNode {
  logDensity: number;
  /** L_k^T grad log rho */
  gradient: Vector;
  /** sqrt(r_i) (u_i - gradient), u_i = L_k^T C_i^-1 (m_i - x) */
  pulls: Matrix;
}

/** The mixture at x, in the whitened coordinates of the component with this factor. */
export function entropyNode(mixture: readonly Component[], factor: Matrix, x: Vector): EntropyNode {
  const shares = responsibilities(mixture, x);
  const u = mixture.map((own) => apply(transpose(factor), pull(own, x)));
  const gradient = u.map((own, i) => scaleVector(shares[i], own)).reduce(addVectors);
  return {
    logDensity: logDensity(mixture, x),
    gradient,
    pulls: u.map((own, i) => own.map((entry, axis) => Math.sqrt(shares[i]) * (entry - gradient[axis]))),
  };
}

/** -E log rho, -E grad, and -E H, the corrected Hessian being E sum_i pull pull^T - I. */
export function entropyMoments(nodes: readonly EntropyNode[], weights: Vector): Moments & { value: number } {
  const mean = (of: (node: EntropyNode) => Vector): Vector => nodes.map((node, j) => scaleVector(weights[j], of(node))).reduce(addVectors);
  const dim = nodes[0].gradient.length;
  const spread = nodes.map((node, j) => scale(weights[j], multiply(transpose(node.pulls), node.pulls))).reduce(add);
  return {
    value: -sum(nodes.map((node, j) => weights[j] * node.logDensity)),
    g: scaleVector(
      -1,
      mean((node) => node.gradient),
    ),
    G: add(identity(dim), scale(-1, spread)),
  };
}

/** log w + h F on top of what is carried; who has no F gets nothing, unless nobody has. Up to a common constant. */
export function carriedWeights(carried: Vector, values: readonly (number | undefined)[], h: number): Vector {
  const best = Math.max(...values.map((value) => value ?? Number.NEGATIVE_INFINITY));
  if (best === Number.NEGATIVE_INFINITY) return carried;
  return carried.map((log, k) => log + h * ((values[k] ?? Number.NEGATIVE_INFINITY) - best));
}

/** Middle of the sigma points that succeeded, less the mean, in whitened coordinates. */
export function middleOfUsable(succeeded: readonly boolean[], c: number): Vector {
  const count = Math.max(succeeded.slice(1).filter(Boolean).length, 1);
  return Array.from({ length: (succeeded.length - 1) / 2 }, (_, axis) => {
    return (c * (Number(succeeded[2 * axis + 1]) - Number(succeeded[2 * axis + 2]))) / count;
  });
}
