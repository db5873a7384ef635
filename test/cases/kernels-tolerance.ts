/**
 * How far a float32 kernel may be from its float64 twin. Bounds follow from WGSL's accuracy floors (section "Floating Point
 * Accuracy") and the number of operations; each is a sum of absolute terms times a count times EPSILON.
 */
import { type Matrix, sum, type Vector } from '../reference/matrix.ts';
import { type Component, logDensity, pull, responsibilities } from '../reference/mixture.ts';
import type { TestMixture } from './kernels-content.ts';

/** WGSL: + - * are off by at most one unit in the last place, in a direction the device chooses. */
export const EPSILON = 2 ** -23;
/** Denormals may be flushed, and exp is called with -87 at least: 1.7e-38. */
export const TINY = 4e-38;
/** x / y is off by 2.5 units in the last place at most. */
export const DIVISION = 2.5 * EPSILON;

/** log: 3 units in the last place, but 2^-21 absolutely for arguments in [1/2, 2]. */
export const logError = (value: number): number => Math.max(2 ** -21, 3 * EPSILON * Math.abs(value));
/** exp: 3 + 2 |x| units in the last place, relative. */
export const expError = (exponent: number): number => (3 + 2 * Math.abs(exponent)) * EPSILON;
/** pow(x, y) = exp2(y log2 x), relative. */
export const powError = (x: number, y: number): number =>
  expError(y * Math.log2(x)) + Math.LN2 * Math.abs(y) * logError(Math.log2(x)) + 2 * EPSILON * Math.abs(y * Math.log2(x));
/** A sum of n terms, each a few operations: n + 12 units of the sum of absolute terms, whatever its tree. */
export const summed = (count: number): number => (count + 12) * EPSILON;
/** How far off a twin itself, in float64, may have a mean of `count` numbers of this size. */
export const twinMean = (count: number, size: number): number => (count + 2) * 2 ** -53 * size;

export function expectNear(what: string, got: number, want: number, allowed: number): void {
  if (!(Math.abs(got - want) <= allowed + TINY)) {
    throw new Error(`${what}: got ${got}, want ${want}, off by ${Math.abs(got - want)}, allowed ${allowed}`);
  }
}

export function expectEqual<T>(what: string, got: T, want: T): void {
  if (!Object.is(got, want)) throw new Error(`${what}: got ${String(got)}, want ${String(want)}`);
}

/** Element by element; `allowed` one for all, or one each. */
export function expectVector(what: string, got: ArrayLike<number>, want: ArrayLike<number>, allowed: ArrayLike<number> | number): void {
  for (let i = 0; i < want.length; i++) {
    const bound = typeof allowed === 'number' ? allowed : allowed[i];
    if (!(Math.abs(got[i] - want[i]) <= bound + TINY)) expectNear(`${what}, entry ${i}`, got[i], want[i], bound);
  }
}

/** The very same numbers. */
export function expectSame(what: string, got: ArrayLike<number>, want: ArrayLike<number>): void {
  expectEqual(`${what}, length`, got.length, want.length);
  for (let i = 0; i < want.length; i++) if (!Object.is(got[i], want[i])) expectEqual(`${what}, entry ${i}`, got[i], want[i]);
}

/** Same bits, element by element. */
export function expectSameBits(what: string, a: ArrayBuffer, b: ArrayBuffer): void {
  const left = new Uint32Array(a);
  const right = new Uint32Array(b);
  expectEqual(`${what}: length`, left.length, right.length);
  const at = left.findIndex((word, i) => word !== right[i]);
  if (at >= 0) throw new Error(`${what}: word ${at} is 0x${left[at].toString(16)} in one and 0x${right[at].toString(16)} in the other`);
}

/** Bounds on what a kernel makes of the mixture at x, when x itself is off by up to `dx` per coordinate. */
export interface DensityBounds {
  logQ: number;
  gradient: Vector;
  /** Asked for by `withHessian`. */
  hessian: Matrix;
  responsibilities: Vector;
}

/** |L^-1| |x - mu|, which bounds y = L^-1 (x - mu) and all its partial sums, and a bound on its error. */
function whitened(own: Component, inverse: Matrix, x: Vector, dx: Vector): { size: Vector; error: Vector } {
  const apart = x.map((entry, i) => Math.abs(entry - own.mean[i]));
  const n = x.length;
  return {
    size: inverse.map((row) => sum(row.map((entry, i) => entry * apart[i]))),
    // d products of a rounded factor and a rounded difference, summed.
    error: inverse.map((row) => sum(row.map((entry, i) => entry * (dx[i] + (n + 3) * EPSILON * apart[i])))),
  };
}

/** log N_k(x) = norm - |y|^2 / 2 */
export function logGaussianBound(own: Component, inverse: Matrix, x: Vector, dx: Vector): number {
  const { size, error } = whitened(own, inverse, x, dx);
  const square = sum(size.map((y) => y * y));
  return (
    sum(size.map((y, i) => y * error[i] + error[i] ** 2)) + EPSILON * (0.5 * (x.length + 2) * square + 4 * Math.abs(own.logNormaliser))
  );
}

/** L^-T L^-1 (x - mu) per coordinate */
export function pullBound(own: Component, inverse: Matrix, x: Vector, dx: Vector): { size: Vector; error: Vector } {
  const { size, error } = whitened(own, inverse, x, dx);
  const n = x.length;
  return {
    size: x.map((_, i) => sum(inverse.map((row, m) => row[i] * size[m]))),
    error: x.map((_, i) => sum(inverse.map((row, m) => row[i] * (error[m] + (n + 4) * EPSILON * size[m])))),
  };
}

export function densityBounds(mixture: TestMixture, x: Vector, dx: Vector = x.map(() => 0), withHessian = false): DensityBounds {
  const { components, inverses } = mixture;
  const n = x.length;
  const shares = responsibilities(components, x);
  // Errors of the terms t_j = log pi_j + log N_j, then of a log-sum-exp: per term an exp (whose argument's error r |t - top| is
  // below 1), a product and a sum, then a log.
  const terms = components.map((own, j) => logGaussianBound(own, inverses[j], x, dx) + 2 * EPSILON * Math.abs(own.logWeight));
  const summing = 8 * components.length * EPSILON;
  const pooled = sum(terms.map((error, j) => shares[j] * error)) + summing;
  const logQ = pooled + logError(Math.log(components.length)) + EPSILON * Math.abs(logDensity(components, x));
  const pulls = components.map((own, j) => ({ at: pull(own, x), ...pullBound(own, inverses[j], x, dx) }));
  /** Relative error of a responsibility. */
  const shareError = terms.map((error) => error + pooled + summing + 4 * EPSILON);
  const gradient = x.map((_, i) => sum(pulls.map((own, j) => shares[j] * (own.error[i] + Math.abs(own.at[i]) * shareError[j]))));
  const slope = x.map((_, i) => Math.abs(sum(pulls.map((own, j) => shares[j] * own.at[i]))));
  const hessian = (withHessian ? x : []).map((_, a) =>
    x.map((_, b) => {
      const within = pulls.map((own, j) => {
        const product = own.size[a] * own.error[b] + own.size[b] * own.error[a] + own.error[a] * own.error[b];
        const precision = sum(inverses[j].map((row) => row[a] * row[b]));
        const size = Math.abs(own.at[a] * own.at[b]) + precision;
        return shares[j] * (product + (n + 6 + components.length) * EPSILON * size + size * (shareError[j] + logQ));
      });
      return sum(within) + slope[a] * gradient[b] + slope[b] * gradient[a] + 2 * EPSILON * slope[a] * slope[b];
    }),
  );
  return {
    logQ,
    gradient,
    hessian,
    responsibilities: shares.map((share, j) => share * (terms[j] + logQ + 4 * EPSILON) + TINY),
  };
}

/** L^T v, when v is off by dv. */
export function whitenedGradientBound(factor: Matrix, v: Vector, dv: Vector): Vector {
  return v.map((_, j) => sum(factor.map((row, i) => Math.abs(row[j]) * (dv[i] + (v.length + 2) * EPSILON * Math.abs(v[i])))));
}

/** L^T H L, when H is off by dH. */
export function whitenedHessianBound(factor: Matrix, H: Matrix, dH: Matrix): Matrix {
  const n = H.length;
  const inner = H.map((row, a) =>
    row.map((_, j) => sum(factor.map((l, i) => Math.abs(l[j]) * (dH[a][i] + (2 * n + 6) * EPSILON * Math.abs(H[a][i]))))),
  );
  return H.map((_, a) => H.map((_, j) => sum(factor.map((l, i) => Math.abs(l[a]) * inner[i][j]))));
}
