/**
 * The step of one component from its whitened moments in packed float32 triangles: the iBLR rule with the mean moved by the new
 * covariance (Minh et al. 2025), as shaders/lib/step_full.wgsl takes it.
 */

/** What is written to while a step is taken, d(d+1)/2 and d numbers. */
export interface StepRoom {
  change: Float32Array;
  direction: Float32Array;
}

/** Entry (a, b) of a packed symmetric matrix. */
const entry = (a: number, b: number): number => (a >= b ? (a * (a + 1)) / 2 + b : (b * (b + 1)) / 2 + a);

/**
 * L <- L U^-T with U U^T = I - rho G + rho^2/2 G^2 (U upper), then the mean moves by rho L U^-1 g.
 * @returns false, with nothing changed, where the matrix has no factor.
 */
export function takeStep(
  d: number,
  mean: Float32Array,
  factor: Float32Array,
  gradient: Float32Array,
  matrix: Float32Array,
  rho: number,
  { change, direction }: StepRoom,
): boolean {
  // M with rows and columns reversed, whose Cholesky factor is U reversed.
  for (let row = 0, p = 0; row < d; row++) {
    const a = d - 1 - row;
    for (let column = 0; column <= row; column++, p++) {
      const b = d - 1 - column;
      let product = 0;
      for (let m = 0; m < d; m++) product += matrix[entry(a, m)]! * matrix[entry(m, b)]!;
      change[p] = (a === b ? 1 : 0) - rho * matrix[entry(a, b)]! + 0.5 * rho * rho * product;
    }
  }
  if (!factorise(d, change)) return false;
  const upper = (a: number, b: number): number => change[entry(d - 1 - a, d - 1 - b)]!;
  direction.set(gradient);
  for (let j = d - 1; j >= 0; j--) {
    const solved = direction[j]! / upper(j, j);
    direction[j] = solved;
    for (let i = 0; i < j; i++) direction[i]! -= upper(i, j) * solved;
  }
  for (let row = 0; row < d; row++) {
    const first = entry(row, 0);
    let shift = 0;
    for (let j = row; j >= 0; j--) {
      let sum = factor[first + j]!;
      for (let m = j + 1; m <= row; m++) sum -= factor[first + m]! * upper(j, m);
      factor[first + j] = sum / upper(j, j);
      shift += factor[first + j]! * direction[j]!;
    }
    mean[row]! += rho * shift;
  }
  return true;
}

/** Cholesky in place; false where a pivot is not positive. */
function factorise(d: number, matrix: Float32Array): boolean {
  for (let row = 0; row < d; row++) {
    const first = entry(row, 0);
    for (let column = 0; column <= row; column++) {
      const other = entry(column, 0);
      let sum = matrix[first + column]!;
      for (let m = 0; m < column; m++) sum -= matrix[first + m]! * matrix[other + m]!;
      if (column < row) matrix[first + column] = sum / matrix[other + column]!;
      else if (sum > 0) matrix[first + row] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** `inverse` = L^-1, packed; returns log det L. */
export function invert(d: number, factor: Float32Array, inverse: Float32Array): number {
  let logDeterminant = 0;
  for (let row = 0; row < d; row++) {
    const first = entry(row, 0);
    const pivot = 1 / factor[first + row]!;
    logDeterminant -= Math.log(pivot);
    for (let column = 0; column < row; column++) {
      let sum = 0;
      for (let m = column, p = entry(column, column); m < row; m++, p += m) sum += factor[first + m]! * inverse[p]!;
      inverse[first + column] = -sum * pivot;
    }
    inverse[first + row] = pivot;
  }
  return logDeterminant;
}
