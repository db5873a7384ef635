/** Dense vectors and matrices (arrays of rows) in float64: the little linear algebra the twins need, written plainly. */
export type Vector = number[];
export type Matrix = number[][];

export const zeros = (n: number): Vector => new Array<number>(n).fill(0);
export const zeroMatrix = (n: number): Matrix => Array.from({ length: n }, () => zeros(n));
export const identity = (n: number): Matrix => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
export const diagonal = (entries: Vector): Matrix => entries.map((entry, i) => entries.map((_, j) => (i === j ? entry : 0)));
export const transpose = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
export const dot = (a: Vector, b: Vector): number => a.reduce((sum, entry, i) => sum + entry * b[i], 0);
export const apply = (a: Matrix, x: Vector): Vector => a.map((row) => dot(row, x));
export const addVectors = (a: Vector, b: Vector): Vector => a.map((entry, i) => entry + b[i]);
export const scaleVector = (factor: number, a: Vector): Vector => a.map((entry) => factor * entry);
export const add = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((entry, j) => entry + b[i][j]));
export const scale = (factor: number, a: Matrix): Matrix => a.map((row) => row.map((entry) => factor * entry));
export const outer = (a: Vector, b: Vector): Matrix => a.map((x) => b.map((y) => x * y));
export const absolute = (a: Matrix): Matrix => a.map((row) => row.map(Math.abs));
export const symmetricPart = (a: Matrix): Matrix => a.map((row, i) => row.map((entry, j) => 0.5 * (entry + a[j][i])));
export const sum = (a: Iterable<number>): number => {
  let total = 0;
  for (const entry of a) total += entry;
  return total;
};

export function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => {
    const result = zeros(b[0].length);
    row.forEach((entry, m) => {
      if (entry !== 0) for (let j = 0; j < result.length; j++) result[j] += entry * b[m][j];
    });
    return result;
  });
}

/** Gauss-Jordan elimination with row pivoting. */
export function inverse(a: Matrix): Matrix {
  const n = a.length;
  const left = a.map((row) => [...row]);
  const right = identity(n);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(left[r][c]) > Math.abs(left[pivot][c])) pivot = r;
    [left[c], left[pivot]] = [left[pivot], left[c]];
    [right[c], right[pivot]] = [right[pivot], right[c]];
    const factor = 1 / left[c][c];
    left[c] = scaleVector(factor, left[c]);
    right[c] = scaleVector(factor, right[c]);
    for (let r = 0; r < n; r++) {
      const times = left[r][c];
      if (r === c || times === 0) continue;
      for (let j = 0; j < n; j++) {
        left[r][j] -= times * left[c][j];
        right[r][j] -= times * right[c][j];
      }
    }
  }
  return right;
}

/** The largest eigenvalue of a symmetric positive semidefinite (or nonnegative) matrix, by power iteration: about 1 % accurate. */
export function largestEigenvalue(a: Matrix): number {
  let x = a.map((_, i) => 1 + 0.01 * (i % 7));
  let value = 0;
  for (let step = 0; step < 50; step++) {
    const y = apply(a, x);
    value = Math.sqrt(dot(y, y) / dot(x, x));
    if (value === 0) return 0;
    x = scaleVector(1 / Math.sqrt(dot(y, y)), y);
  }
  return value;
}
