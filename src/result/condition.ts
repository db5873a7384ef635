/** The condition number of a covariance: how much longer its longest axis is than its shortest, squared. */
import { cholesky, multiply, solveCholesky } from './linear.ts';

const ROUNDS = 60;

/** Infinite where the matrix is not positive definite in float64. A few per cent low where axes are nearly as long as one another. */
export function conditionNumber(covariance: Float64Array, dim: number): number {
  const factor = cholesky(covariance, dim);
  if (!factor) return Number.POSITIVE_INFINITY;
  return largestEigenvalue(dim, (v) => multiply(covariance, v)) * largestEigenvalue(dim, (v) => solveCholesky(factor, v));
}

function largestEigenvalue(dim: number, apply: (v: Float64Array) => Float64Array): number {
  // Not along an axis, and not at right angles to any vector that is likely to be one.
  let v: Float64Array = Float64Array.from({ length: dim }, (_, i) => 1 + 0.5 * Math.sin(3 * i + 1));
  let value = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const norm = Math.hypot(...v);
    const image = apply(v.map((entry) => entry / norm));
    value = Math.hypot(...image);
    v = image;
  }
  return value;
}
