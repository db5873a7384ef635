/** The step within a bound on its KL divergence (formulas/gmmvi.md 3.5): lambda are the eigenvalues of -G, c is g in their basis. */
import { inverseLower, logDeterminant } from './cholesky.ts';
import { apply, dot, identity, type Matrix, multiply, scale, sum, transpose, type Vector } from './matrix.ts';

export interface Spectrum {
  lambda: Vector;
  c: Vector;
}

/** By cyclic Jacobi: every entry below the diagonal is turned away in turn, until nothing is left. */
export function spectrum(g: Vector, G: Matrix): Spectrum {
  const n = g.length;
  const a = scale(-1, G);
  const vectors = identity(n);
  for (let sweep = 0; sweep < 30; sweep++) {
    let left = 0;
    for (let q = 1; q < n; q++) {
      for (let p = 0; p < q; p++) {
        left += a[p][q] * a[p][q];
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const cosine = 1 / Math.hypot(tangent, 1);
        const sine = tangent * cosine;
        for (const rows of [a, vectors]) {
          const [x, y] = [rows[p], rows[q]];
          rows[p] = x.map((entry, j) => cosine * entry - sine * y[j]);
          rows[q] = x.map((entry, j) => sine * entry + cosine * y[j]);
        }
        for (const row of a) {
          const [x, y] = [row[p], row[q]];
          row[p] = cosine * x - sine * y;
          row[q] = sine * x + cosine * y;
        }
      }
    }
    if (left < 1e-30 * sum(a.flat().map((entry) => entry * entry))) break;
  }
  return { lambda: a.map((row, i) => row[i]), c: apply(vectors, g) };
}

/** -log(1 - t) - t */
const logExcess = (t: number): number => (Math.abs(t) < 1e-4 ? t * t * (1 / 2 + t * (1 / 3 + t / 4)) : -Math.log1p(-t) - t);

/** KL divergence of the step 1/kappa, infinite where its precision is not positive definite. */
export function stepDivergence({ lambda, c }: Spectrum, kappa: number): number {
  if (lambda.some((own) => kappa + own <= 0)) return Number.POSITIVE_INFINITY;
  return 0.5 * sum(lambda.map((own, i) => logExcess(own / (kappa + own)) + (c[i] / (kappa + own)) ** 2));
}

export interface Gaussian {
  mean: Vector;
  factor: Matrix;
}

/** KL(after, before), by the formula for two Gaussians. */
export function divergence(after: Gaussian, before: Gaussian): number {
  const whiten = inverseLower(before.factor);
  const relative = multiply(whiten, after.factor);
  const apart = apply(
    whiten,
    after.mean.map((entry, i) => entry - before.mean[i]),
  );
  const n = apart.length;
  return 0.5 * (-logDeterminant(relative) - n + sum(multiply(relative, transpose(relative)).map((row, i) => row[i])) + dot(apart, apart));
}

/** Where the kernel's search begins: the full step, or as near to an indefinite precision as it goes. `error`: share of the largest. */
export function leastKappa({ lambda }: Spectrum, omega: number, error: number): number {
  const least = Math.min(...lambda);
  return Math.max(omega, 1e-3 * Math.max(-least, 0) + error * Math.max(...lambda.map(Math.abs)) - least);
}
