/** Darcy flow by its definitions (formulas/kalman.md 5.6): the series of the log-permeability, and what a pressure leaves over. */
import { sum, type Vector } from './matrix.ts';

/** Frequencies (l1, l2) by |l|^2, then l1: shell by shell. */
export function modePairs(count: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let square = 1; pairs.length < count; square++) {
    for (let l1 = 0; l1 * l1 <= square && pairs.length < count; l1++) {
      const l2 = Math.round(Math.sqrt(square - l1 * l1));
      if (l1 * l1 + l2 * l2 === square) pairs.push([l1, l2]);
    }
  }
  return pairs;
}

/** theta_l sqrt(lambda_l) psi_l(x), each. */
export const logPermeabilityTerms = (theta: ArrayLike<number>, x1: number, x2: number): Vector =>
  modePairs(theta.length).map(([l1, l2], m) => {
    const norm = Math.sqrt((l1 > 0 ? 2 : 1) * (l2 > 0 ? 2 : 1));
    const psi = norm * Math.cos(Math.PI * l1 * x1) * Math.cos(Math.PI * l2 * x2);
    return theta[m] * Math.sqrt((Math.PI ** 2 * (l1 ** 2 + l2 ** 2) + 9) ** -2) * psi;
  });

export const logPermeability = (theta: ArrayLike<number>, x1: number, x2: number): number => sum(logPermeabilityTerms(theta, x1, x2));

/** max |-div(a grad p) - f| / max |f| over the inner nodes of a grid with x1 fastest. */
export function darcyResidual(a: ArrayLike<number>, p: ArrayLike<number>, f: (x1: number, x2: number) => number, nodes: number): number {
  const h = 1 / (nodes - 1);
  let residual = 0;
  let largest = 0;
  for (let y = 1; y < nodes - 1; y++) {
    for (let x = 1; x < nodes - 1; x++) {
      const i = y * nodes + x;
      const flux = (to: number) => (((a[i] + a[to]) / 2) * (p[i] - p[to])) / h;
      const divergence = (flux(i + 1) + flux(i - 1) + flux(i + nodes) + flux(i - nodes)) / h;
      residual = Math.max(residual, Math.abs(divergence - f(x * h, y * h)));
      largest = Math.max(largest, Math.abs(f(x * h, y * h)));
    }
  }
  return residual / largest;
}
