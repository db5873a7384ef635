/**
 * -div(a grad p) = f on the unit square with p = 0 on its boundary, in float64: five-point finite differences, permeability of a face
 * the mean of its two nodes', and a banded Cholesky factor.
 */

/** Pressure on `nodes` by `nodes` points, from permeability and forcing on the same; all row by row, x1 fastest. */
export function darcyPressure(permeability: Float64Array, forcing: Float64Array, nodes: number): Float64Array {
  const inner = nodes - 2;
  const width = inner + 1;
  const square = 1 / (nodes - 1) ** 2;
  /** Row by row the entries of A, then of its factor, from `inner` before the diagonal up to it. */
  const band = new Float64Array(inner * inner * width);
  const solution = new Float64Array(inner * inner);
  for (let i = 0; i < inner * inner; i++) {
    const at = (Math.floor(i / inner) + 1) * nodes + (i % inner) + 1;
    const face = (to: number) => (permeability[at] + permeability[to]) / 2;
    band[i * width + inner] = face(at + 1) + face(at - 1) + face(at + nodes) + face(at - nodes);
    if (i % inner > 0) band[i * width + inner - 1] = -face(at - 1);
    if (i >= inner) band[i * width] -= face(at - nodes);
    solution[i] = square * forcing[at];
  }
  factorBand(band, inner * inner, inner);
  solveBand(band, solution, inner);
  const pressure = new Float64Array(nodes * nodes);
  for (let y = 0; y < inner; y++) pressure.set(solution.subarray(y * inner, (y + 1) * inner), (y + 1) * nodes + 1);
  return pressure;
}

/** Cholesky within the band, in place. */
function factorBand(band: Float64Array, count: number, reach: number): void {
  const width = reach + 1;
  for (let i = 0; i < count; i++) {
    const row = i * width + reach - i;
    for (let j = Math.max(0, i - reach); j <= i; j++) {
      const other = j * width + reach - j;
      let rest = band[row + j];
      for (let k = Math.max(0, i - reach); k < j; k++) rest -= band[row + k] * band[other + k];
      band[row + j] = i === j ? Math.sqrt(rest) : rest / band[other + j];
    }
  }
}

/** Solves L L^T x = b, in place. */
function solveBand(band: Float64Array, x: Float64Array, reach: number): void {
  const width = reach + 1;
  for (let i = 0; i < x.length; i++) {
    const row = i * width + reach - i;
    for (let k = Math.max(0, i - reach); k < i; k++) x[i] -= band[row + k] * x[k];
    x[i] /= band[row + i];
  }
  for (let i = x.length - 1; i >= 0; i--) {
    const row = i * width + reach - i;
    x[i] /= band[row + i];
    for (let k = Math.max(0, i - reach); k < i; k++) x[k] -= band[row + k] * x[i];
  }
}
