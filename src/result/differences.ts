/**
 * Gradient and curvature where a search stands: from analytic gradients, or by differences of values sized to their noise.
 * Fills in a {@link PolishState}: `g`, `curvature`, `h`, `spread` and the curvature model, at the first look the value too. Steps are
 * for others to take.
 */
import { DENSE_DIMENSION } from './curvature-model.ts';
import { largest } from './linear.ts';
import type { Asking } from './lockstep.ts';
import { MAX_DISTANCE, type PolishState } from './polish-state.ts';

/** Up to here a difference stencil measures the mixed second derivatives too: fewer evaluations in all than learning them. */
export const NEWTON_DIMENSION = 3;
/** Up to here (without a covariance up to {@link DENSE_DIMENSION}) differences of analytic gradients measure the first curvature. */
const SURVEY_DIMENSION = 4;

/** First look around: gradient and curvature. */
export function* survey(state: PolishState, known: boolean): Asking<void> {
  const { dim } = state;
  if (!state.analytic) {
    yield* measure(state, false, !known);
    if (dim > NEWTON_DIMENSION) state.model.setDiagonal(state.curvature, leastCurvature(state));
    return;
  }
  const bent = dim <= SURVEY_DIMENSION || (!state.shape && dim <= DENSE_DIMENSION);
  const points: Float64Array[] = [Float64Array.from(state.z)];
  if (bent) for (let j = 0; j < dim; j++) points.push(state.shifted((i) => (i === j ? state.inward(j, state.h[j]) : 0)));
  const { values, gradients } = yield* state.evaluate(points, true);
  // A probe led here that has a value but, it turns out, no gradient: nothing to climb by.
  if (known && values[0] === -Infinity) {
    state.g = new Float64Array(dim);
    return;
  }
  state.z = points[0];
  state.value = values[0];
  if (state.value === -Infinity) return;
  state.g = gradients[0];
  if (bent) {
    const matrix = new Float64Array(dim * dim);
    for (let j = 0; j < dim; j++) {
      const offset = points[j + 1][j] - state.z[j];
      const usable = values[j + 1] > -Infinity && offset !== 0;
      for (let i = 0; i < dim; i++)
        matrix[i * dim + j] = usable ? (state.g[i] - gradients[j + 1][i]) / offset : i === j ? largest(state.g) : 0;
      state.curvature[j] = matrix[j * dim + j];
    }
    state.model.setMatrix(matrix, leastCurvature(state));
  }
  state.spread = Math.max(state.spread, change(state, bent));
}

/** Below this a step would leave the neighbourhood altogether. */
function leastCurvature(state: PolishState): number {
  return largest(state.g) / MAX_DISTANCE;
}

/** The change over a standard deviation; a curvature far beyond values and slopes is a kink's and counts little. */
function change(state: PolishState, bent: boolean): number {
  const slope = largest(state.g);
  const bend = bent ? largest(state.curvature) / 2 : 0;
  return Math.max(slope, Math.min(bend, 10 * Math.max(slope, Math.abs(state.value), 1e-3 * bend)));
}

/**
 * Gradient by differences: one-sided with the known curvature (`forward`), else by the parabola through three points, which
 * measures the curvature too. At a bound both outer points lie inside.
 */
export function* measure(state: PolishState, forward: boolean, withCentre = false): Asking<void> {
  const { dim, z, h, curvature } = state;
  const points: Float64Array[] = withCentre ? [Float64Array.from(z)] : [];
  const axis = (i: number, offset: number) => points.push(state.shifted((k) => (k === i ? offset : 0))) - 1;
  const first: number[] = [];
  const second: number[] = [];
  const mixed: [number, number, number][] = [];
  for (let i = 0; i < dim; i++) {
    if (forward) {
      const length = Math.min(2 * Math.sqrt(state.noise / Math.max(Math.abs(curvature[i]), 1e-300)), 0.1);
      first.push(axis(i, state.inward(i, Math.max(length, 1e-9))));
      continue;
    }
    const a = state.inward(i, h[i]);
    const opposite = a > 0 ? z[i] - a >= state.lower[i] : z[i] - a <= state.upper[i];
    first.push(axis(i, opposite ? a : a / 2));
    second.push(axis(i, opposite ? -a : a));
  }
  const full = !forward && dim <= NEWTON_DIMENSION;
  if (full) {
    for (let i = 1; i < dim; i++) {
      for (let j = 0; j < i; j++) {
        const offset = (k: number) => (k === i || k === j ? points[first[k]][k] - z[k] : 0);
        mixed.push([i, j, points.push(state.shifted(offset)) - 1]);
      }
    }
  }
  const { values } = yield* state.evaluate(points);
  if (withCentre) {
    state.z = points[0];
    state.value = values[0];
  }
  if (state.value === -Infinity) return;
  const g = new Float64Array(dim);
  for (let i = 0; i < dim; i++) {
    const a = points[first[i]][i] - state.z[i];
    const da = values[first[i]] - state.value;
    const b = forward ? 0 : points[second[i]][i] - state.z[i];
    const db = forward ? -Infinity : values[second[i]] - state.value;
    if (a !== 0 && b !== 0 && a !== b && da > -Infinity && db > -Infinity) {
      g[i] = (da * b * b - db * a * a) / (a * b * (b - a));
      curvature[i] = (-2 * (db * a - da * b)) / (a * b * (b - a));
    } else if (a !== 0 && da > -Infinity) g[i] = da / a + (curvature[i] * a) / 2;
    else if (b !== 0 && db > -Infinity) g[i] = db / b + (curvature[i] * b) / 2;
  }
  state.g = g;
  if (withCentre) state.spread = change(state, true);
  if (full) {
    const matrix = new Float64Array(dim * dim);
    for (let i = 0; i < dim; i++) matrix[i * dim + i] = curvature[i];
    for (const [i, j, at] of mixed) {
      const twist = state.value + values[at] - values[first[i]] - values[first[j]];
      const area = (points[first[i]][i] - state.z[i]) * (points[first[j]][j] - state.z[j]);
      if (Number.isFinite(twist) && area !== 0) matrix[i * dim + j] = matrix[j * dim + i] = -twist / area;
    }
    state.model.setMatrix(matrix, leastCurvature(state));
  }
  if (!forward) resize(state);
}

/** The difference step that balances rounding against the third derivative, taken to be of the curvature's size. */
function resize(state: PolishState): void {
  for (let i = 0; i < state.dim; i++) {
    const c = Math.abs(state.curvature[i]);
    const best = Math.cbrt((3 * state.noise) / Math.max(c, 1e-300));
    const drowned = c * state.h[i] * state.h[i] < 50 * state.noise;
    state.h[i] = Math.min(Math.max(drowned ? Math.max(4 * state.h[i], best) : best, state.precision.step / 100), 0.1);
  }
}
