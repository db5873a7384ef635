/**
 * Laplace's approximation at temperature 1: how much of `exp(l)` each mode holds, and the covariance that its curvature gives.
 *
 * (MacKay, Information Theory, Inference, and Learning Algorithms, ch. 27.) A mode on the boundary of the box holds less than
 * its Gaussian says; that is not corrected here.
 */
import type { Evaluator } from '../objective/evaluator.ts';
import { cholesky, invertCholesky, logDeterminant } from './linear.ts';
import type { Bounds } from './polish-state.ts';

/**
 * Shares proportional to `exp(value) sqrt(det covariance)`, in log space; they sum to one. A mode without a positive definite
 * covariance gets share 0; when no mode has one, the values alone decide.
 */
export function laplaceWeights(
  modes: readonly { readonly value: number; readonly covariance?: readonly (readonly number[])[] }[],
): number[] {
  let logs = modes.map(({ value, covariance }) => value + halfLogDeterminant(covariance));
  if (!logs.some((log) => log > -Infinity)) logs = modes.map(({ value }) => value);
  const most = Math.max(...logs);
  if (!Number.isFinite(most)) return modes.map(() => 1 / modes.length);
  const shares = logs.map((log) => Math.exp(log - most));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

function halfLogDeterminant(rows: readonly (readonly number[])[] | undefined): number {
  if (!rows || rows.length === 0) return -Infinity;
  const dim = rows.length;
  const factor = cholesky(Float64Array.from(rows.flat()), dim);
  return factor ? logDeterminant(factor, dim) / 2 : -Infinity;
}

const PRECISION = {
  f64: { noise: 2 ** -51, step: 1e-3 },
  f32: { noise: 2 ** -22, step: 5e-2 },
};

/**
 * The inverse of the negative Hessian at a mode, row by row, by differences in two evaluator calls: one along the axes to size
 * the steps, one for the Hessian. `2 d^2 + 2 d + 2` evaluations, `4 d + 1` (half of them with gradient) where there is one.
 * Beside a bound the stencil moves inwards. Undefined where the curvature is not positive definite.
 */
export async function curvatureCovariance(
  evaluator: Evaluator,
  point: Float64Array,
  scale: Float64Array,
  bounds?: Bounds,
): Promise<Float64Array | undefined> {
  const dim = evaluator.dim;
  const { noise, step } = PRECISION[evaluator.precision];
  const first = scale.map((s) => step * s);
  const centre = inside(point, first, bounds);
  const rough = await evaluator.evaluate(flatten([centre, ...axes(centre, first, bounds)]));
  const steps = scale.map((s, i) => {
    const bend = Math.abs((2 * rough[0] - rough[1 + 2 * i] - rough[2 + 2 * i]) / step ** 2);
    const size = Math.max(Math.abs(rough[0]), Number.isFinite(bend) ? bend / 2 : 0);
    // Rounding against the fourth derivative, taken to be of the curvature's size.
    const best = bend > 0 && Number.isFinite(bend) ? (48 * ((noise * size) / bend)) ** 0.25 : step;
    return s * Math.min(Math.max(best, step / 10), 0.2);
  });
  const at = inside(point, steps, bounds);
  const curvature =
    evaluator.hasGradient && evaluator.evaluateWithGradient
      ? await fromGradients(evaluator, at, steps, bounds)
      : await fromValues(evaluator, at, steps, bounds);
  if (!curvature.every(Number.isFinite)) return undefined;
  // Scaled to a unit diagonal first: axes may differ by many orders of magnitude.
  const root = Float64Array.from({ length: dim }, (_, i) => Math.sqrt(curvature[i * (dim + 1)]));
  const factor = cholesky(
    curvature.map((value, k) => value / (root[Math.floor(k / dim)] * root[k % dim])),
    dim,
  );
  return factor && invertCholesky(factor, dim).map((value, k) => value / (root[Math.floor(k / dim)] * root[k % dim]));
}

async function fromGradients(
  evaluator: Evaluator,
  centre: Float64Array,
  steps: Float64Array,
  bounds: Bounds | undefined,
): Promise<Float64Array> {
  const dim = evaluator.dim;
  const points = axes(centre, steps, bounds);
  const { gradients } = await evaluator.evaluateWithGradient!(flatten(points));
  const half = new Float64Array(dim * dim);
  for (let j = 0; j < dim; j++) {
    const width = points[2 * j + 1][j] - points[2 * j][j];
    for (let i = 0; i < dim; i++) half[i * dim + j] = (gradients[2 * j * dim + i] - gradients[(2 * j + 1) * dim + i]) / width;
  }
  return half.map((value, k) => (value + half[(k % dim) * dim + Math.floor(k / dim)]) / 2);
}

async function fromValues(
  evaluator: Evaluator,
  centre: Float64Array,
  steps: Float64Array,
  bounds: Bounds | undefined,
): Promise<Float64Array> {
  const dim = evaluator.dim;
  const along = axes(centre, steps, bounds);
  const points = [centre, ...along];
  const pairs: { i: number; j: number; at: number }[] = [];
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j < i; j++) {
      pairs.push({ i, j, at: points.length });
      for (const a of [0, 1]) {
        for (const b of [0, 1]) points.push(centre.map((x, k) => (k === i ? along[2 * i + a][i] : k === j ? along[2 * j + b][j] : x)));
      }
    }
  }
  const values = await evaluator.evaluate(flatten(points));
  const curvature = new Float64Array(dim * dim);
  const width = (i: number) => along[2 * i + 1][i] - along[2 * i][i];
  for (let i = 0; i < dim; i++) curvature[i * (dim + 1)] = (4 * (2 * values[0] - values[1 + 2 * i] - values[2 + 2 * i])) / width(i) ** 2;
  for (const { i, j, at } of pairs) {
    const twist = values[at] - values[at + 1] - values[at + 2] + values[at + 3];
    curvature[i * dim + j] = curvature[j * dim + i] = -twist / (width(i) * width(j));
  }
  return curvature;
}

/** The centre moved so far inwards that a step both ways stays in the box; in the middle of a box that is narrower. */
function inside(point: Float64Array, steps: Float64Array, bounds: Bounds | undefined): Float64Array {
  if (!bounds) return point;
  return point.map((x, i) => {
    const [low, high] = [bounds.lower[i] + steps[i], bounds.upper[i] - steps[i]];
    return low > high ? (low + high) / 2 : Math.min(Math.max(x, low), high);
  });
}

/** Below and above along each axis in turn. */
function axes(centre: Float64Array, steps: Float64Array, bounds: Bounds | undefined): Float64Array[] {
  return [...centre.keys()].flatMap((i) => {
    const room = bounds ? Math.min(steps[i], (bounds.upper[i] - bounds.lower[i]) / 2) : steps[i];
    return [-room, room].map((offset) => centre.map((x, k) => (k === i ? x + offset : x)));
  });
}

function flatten(points: readonly Float64Array[]): Float64Array {
  const rows = new Float64Array(points.length * points[0].length);
  points.forEach((point, at) => {
    rows.set(point, at * point.length);
  });
  return rows;
}
