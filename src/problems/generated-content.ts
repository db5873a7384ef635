/** Seeded random numbers and the little linear algebra for problems whose content is generated. */

export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/** The same numbers for the same seed, everywhere: sfc32 (C. Doty-Humphrey, PractRand) and Box-Muller. */
export function seededRandom(seed: number): Random {
  const state = Uint32Array.of(seed, Math.floor(seed / 2 ** 32), 0x9e3779b9, 1);
  const word = () => {
    const result = (state[0] + state[1] + state[3]++) >>> 0;
    state[0] = state[1] ^ (state[1] >>> 9);
    state[1] = state[2] + (state[2] << 3);
    state[2] = ((state[2] << 21) | (state[2] >>> 11)) + result;
    return result;
  };
  for (let i = 0; i < 12; i++) word();
  const uniform = () => (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53;
  let spare: number | undefined;
  const normal = () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}

/** `A^T A + I` for a square `A` of independent normal entries of the given deviation; full, row by row. */
export function randomGram(dim: number, deviation: number, { normal }: Random): Float64Array {
  const gram = new Float64Array(dim * dim);
  const row = new Float64Array(dim);
  for (let r = 0; r < dim; r++) {
    for (let i = 0; i < dim; i++) row[i] = deviation * normal();
    for (let i = 0; i < dim; i++) for (let j = 0; j <= i; j++) gram[i * dim + j] += row[i] * row[j];
  }
  for (let i = 0; i < dim; i++) {
    gram[i * dim + i] += 1;
    for (let j = 0; j < i; j++) gram[j * dim + i] = gram[i * dim + j];
  }
  return gram;
}

/** The lower Cholesky factor of a positive definite matrix; full, row by row. */
export function choleskyFactor(matrix: Float64Array, dim: number): Float64Array {
  const factor = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * dim + j];
      for (let k = 0; k < j; k++) rest -= factor[i * dim + k] * factor[j * dim + k];
      factor[i * dim + j] = i === j ? Math.sqrt(rest) : rest / factor[j * dim + j];
    }
  }
  return factor;
}

/** The inverse of a lower triangular matrix; full, row by row. */
export function invertLower(lower: Float64Array, dim: number): Float64Array {
  const inverse = new Float64Array(dim * dim);
  for (let j = 0; j < dim; j++) {
    inverse[j * dim + j] = 1 / lower[j * dim + j];
    for (let i = j + 1; i < dim; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += lower[i * dim + k] * inverse[k * dim + j];
      inverse[i * dim + j] = -sum / lower[i * dim + i];
    }
  }
  return inverse;
}

/** The lower triangular `W` with `matrix = W^T W`: the Cholesky factor of the matrix with its axes in reverse, turned back. */
export function reverseCholesky(matrix: Float64Array, dim: number): Float64Array {
  // Reading a full matrix backwards reverses both axes.
  const factor = choleskyFactor(matrix.toReversed(), dim).toReversed();
  const lower = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) for (let j = 0; j <= i; j++) lower[i * dim + j] = factor[j * dim + i];
  return lower;
}

/** The lower triangle of a full matrix, row by row without the zeros. */
export function packLower(lower: Float64Array, dim: number): Float64Array {
  const packed = new Float64Array((dim * (dim + 1)) / 2);
  for (let i = 0, at = 0; i < dim; i++) for (let j = 0; j <= i; j++) packed[at++] = lower[i * dim + j];
  return packed;
}

/** log Gamma(x) for x > 0: Stirling's series at 20 or above, reached by the recurrence. */
export function logGamma(x: number): number {
  let shift = 0;
  let t = x;
  for (; t < 20; t++) shift += Math.log(t);
  const s = 1 / (t * t);
  return (t - 0.5) * Math.log(t) - t + 0.5 * Math.log(2 * Math.PI) + (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s / 1680))) / t - shift;
}
