/** MORE (formulas/gmmvi.md 3.2): weighted ridge regression of f on the plain quadratic features, by Householder's QR. */
import { type Matrix, sum, type Vector, zeroMatrix, zeros } from './matrix.ts';

export interface Row {
  /** Undefined: no usable value, the row takes no part. */
  f: number | undefined;
  weight: number;
  z: Vector;
}

export interface Fit {
  /** Fewer effective samples than features: no fit. */
  tooFew: boolean;
  effective: number;
  g: Vector;
  G: Matrix;
}

/** z_i z_j (i <= j, or i = j), z_i, 1 */
export function plainFeatures(z: Vector, full: boolean): Vector {
  const products = z.flatMap((a, i) => z.slice(i, full ? undefined : i + 1).map((b) => a * b));
  return [...products, ...z, 1];
}

/** Least squares |A x - b| for columns of A; both are overwritten. */
function leastSquares(columns: Float64Array[], b: Float64Array): Vector {
  const n = columns.length;
  const reflect = (v: Float64Array, from: number, onto: Float64Array): void => {
    let product = 0;
    for (let r = from; r < v.length; r++) product += v[r] * onto[r];
    for (let r = from; r < v.length; r++) onto[r] -= 2 * product * v[r];
  };
  const diagonal = zeros(n);
  for (let c = 0; c < n; c++) {
    const v = Float64Array.from(columns[c]);
    let square = 0;
    for (let r = c; r < v.length; r++) square += v[r] * v[r];
    diagonal[c] = v[c] > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    v[c] -= diagonal[c];
    let size = 0;
    for (let r = c; r < v.length; r++) size += v[r] * v[r];
    if (size === 0) continue;
    for (let r = c; r < v.length; r++) v[r] /= Math.sqrt(size);
    for (let other = c + 1; other < n; other++) reflect(v, c, columns[other]);
    reflect(v, c, b);
  }
  const x = zeros(n);
  for (let c = n - 1; c >= 0; c--) {
    let rest = b[c];
    for (let other = c + 1; other < n; other++) rest -= columns[other][c] * x[other];
    x[c] = rest / diagonal[c];
  }
  return x;
}

/** The penalty ridge |coefficients|^2 counts every feature but the constant, with weights that sum to 1. */
export function fitQuadratic(rows: readonly Row[], ridge: number, full: boolean): Fit {
  const dim = rows[0].z.length;
  const usable = rows.filter((row) => row.f !== undefined && row.weight > 0);
  const total = sum(usable.map((row) => row.weight));
  const squares = sum(usable.map((row) => row.weight ** 2));
  const effective = squares > 0 ? total ** 2 / squares : 0;
  const count = plainFeatures(zeros(dim), full).length;
  if (effective < count) return { tooFew: true, effective, g: zeros(dim), G: zeroMatrix(dim) };

  const columns = Array.from({ length: count }, () => new Float64Array(usable.length + count - 1));
  const b = new Float64Array(usable.length + count - 1);
  usable.forEach((row, n) => {
    const root = Math.sqrt(row.weight / total);
    plainFeatures(row.z, full).forEach((entry, c) => {
      columns[c][n] = root * entry;
    });
    b[n] = root * row.f!;
  });
  for (let c = 0; c < count - 1; c++) columns[c][usable.length + c] = Math.sqrt(ridge);
  const coefficients = leastSquares(columns, b);

  const G = zeroMatrix(dim);
  let at = 0;
  for (let i = 0; i < dim; i++) {
    for (let j = i; j < (full ? dim : i + 1); j++) {
      G[i][j] += coefficients[at];
      G[j][i] += coefficients[at++];
    }
  }
  return { tooFew: false, effective, g: coefficients.slice(at, at + dim), G };
}
