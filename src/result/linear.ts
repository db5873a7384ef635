/**
 * The few dense float64 operations that polish, archive and Laplace weights need on vectors and small symmetric matrices.
 *
 * Matrices are `Float64Array`, row by row. Nothing here knows about modes; nothing here is fast for large dimensions.
 */

/** Lower Cholesky factor of a symmetric matrix (its lower triangle is read), or undefined where it is not positive definite. */
export function cholesky(matrix: Float64Array, dim: number): Float64Array | undefined {
  const factor = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * dim + j];
      for (let k = 0; k < j; k++) sum -= factor[i * dim + k] * factor[j * dim + k];
      if (i !== j) {
        factor[i * dim + j] = sum / factor[j * dim + j];
      } else {
        // A pivot that is rounding error alone is no proof of definiteness.
        if (!(sum > 1e-14 * Math.abs(matrix[i * dim + i])) || !Number.isFinite(sum)) return undefined;
        factor[i * dim + i] = Math.sqrt(sum);
      }
    }
  }
  return factor;
}

/** Solves `L y = b` for a lower triangular `L`. */
export function solveLower(factor: Float64Array, b: Float64Array): Float64Array {
  const dim = b.length;
  const y = Float64Array.from(b);
  for (let i = 0; i < dim; i++) {
    for (let k = 0; k < i; k++) y[i] -= factor[i * dim + k] * y[k];
    y[i] /= factor[i * dim + i];
  }
  return y;
}

/** Solves `A x = b` from the Cholesky factor of `A`. */
export function solveCholesky(factor: Float64Array, b: Float64Array): Float64Array {
  return solveUpper(factor, solveLower(factor, b));
}

/** Solves `L^T x = b` for a lower triangular `L`. */
export function solveUpper(factor: Float64Array, b: Float64Array): Float64Array {
  const dim = b.length;
  const x = Float64Array.from(b);
  for (let i = dim - 1; i >= 0; i--) {
    for (let k = i + 1; k < dim; k++) x[i] -= factor[k * dim + i] * x[k];
    x[i] /= factor[i * dim + i];
  }
  return x;
}

/** The inverse of a symmetric positive definite matrix from its Cholesky factor; exactly symmetric. */
export function invertCholesky(factor: Float64Array, dim: number): Float64Array {
  const inverse = new Float64Array(dim * dim);
  for (let j = 0; j < dim; j++) {
    const unit = new Float64Array(dim);
    unit[j] = 1;
    const column = solveCholesky(factor, unit);
    for (let i = j; i < dim; i++) {
      inverse[i * dim + j] = column[i];
      inverse[j * dim + i] = column[i];
    }
  }
  return inverse;
}

/** Log determinant of a positive definite matrix from its Cholesky factor. */
export function logDeterminant(factor: Float64Array, dim: number): number {
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += Math.log(factor[i * dim + i]);
  return 2 * sum;
}

/** `A v` for a square matrix. */
export function multiply(matrix: Float64Array, v: Float64Array): Float64Array {
  const dim = v.length;
  const out = new Float64Array(dim);
  for (let i = 0; i < dim; i++) {
    let sum = 0;
    for (let j = 0; j < dim; j++) sum += matrix[i * dim + j] * v[j];
    out[i] = sum;
  }
  return out;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]);
}

/** The largest size of a coordinate. */
export function largest(v: Float64Array): number {
  let top = 0;
  for (const value of v) top = Math.max(top, Math.abs(value));
  return top;
}
