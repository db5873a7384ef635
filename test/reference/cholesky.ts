/** Cholesky factorisation with LAPACK's status, and what follows from a factor. */
import { identity, type Matrix, sum, zeroMatrix } from './matrix.ts';

export const PIVOT_TOLERANCE = 1e-6;

/** A = L L^T. `failure`: 0, or the number (from 1) of the first column whose pivot is not positive (enough), as LAPACK's info. */
export function cholesky(a: Matrix): { factor: Matrix; failure: number } {
  const n = a.length;
  const factor = zeroMatrix(n);
  for (let c = 0; c < n; c++) {
    const pivot = a[c][c] - sum(factor[c].map((entry) => entry * entry));
    if (!(pivot > PIVOT_TOLERANCE * a[c][c])) return { factor, failure: c + 1 };
    factor[c][c] = Math.sqrt(pivot);
    for (let r = c + 1; r < n; r++) {
      let rest = a[r][c];
      for (let m = 0; m < c; m++) rest -= factor[r][m] * factor[c][m];
      factor[r][c] = rest / factor[c][c];
    }
  }
  return { factor, failure: 0 };
}

/** L^-1, column by column: L X = I by forward substitution. */
export function inverseLower(factor: Matrix): Matrix {
  const result = identity(factor.length);
  for (let c = 0; c < factor.length; c++) {
    for (let r = c; r < factor.length; r++) {
      let rest = r === c ? 1 : 0;
      for (let m = c; m < r; m++) rest -= factor[r][m] * result[m][c];
      result[r][c] = rest / factor[r][r];
    }
  }
  return result;
}

/** log det(L L^T) */
export const logDeterminant = (factor: Matrix): number => 2 * sum(factor.map((row, i) => Math.log(row[i])));

/** log of the Gaussian's normaliser: -1/2 log det(2 pi L L^T) */
export const logNormaliser = (factor: Matrix): number => -0.5 * (logDeterminant(factor) + factor.length * Math.log(2 * Math.PI));

/** Root of the mean marginal variance, sqrt(tr(L L^T) / d). */
export const rmsDeviation = (factor: Matrix): number => Math.sqrt(sum(factor.flat().map((entry) => entry * entry)) / factor.length);
