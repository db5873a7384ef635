/**
 * Sharpen: finds the top where slopes jump. Along one axis a compass search (Kolda, Lewis & Torczon, SIAM Review 45, 2003) with
 * the crossing of the two slopes as a shortcut; along more a bundle of gradients.
 */
import { difference, dot, largest } from './linear.ts';
import type { Asking } from './lockstep.ts';
import type { PolishState } from './polish-state.ts';

const MAX_POLLS = 200;

export function* sharpen(state: PolishState): Asking<void> {
  if (state.dim === 1) yield* bracket(state);
  else yield* followRidge(state);
}

/** One axis: compass search, with the crossing of the two slopes as soon as two polls around one point tell them. */
function* bracket(state: PolishState): Asking<void> {
  let radius = Math.min(Math.max(state.radius, 1e-6), 0.25);
  let outer: Poll | undefined;
  for (let polls = 0; polls < MAX_POLLS && radius > state.precision.tolerance; polls++) {
    const points = [state.shifted(() => -radius), state.shifted(() => radius)];
    const { values } = yield* state.evaluate(points);
    const best = values[1] > values[0] ? 1 : 0;
    if (values[best] > state.value + state.noise) {
      state.z = points[best];
      state.value = values[best];
      radius = Math.min(2 * radius, 1);
      outer = undefined;
      continue;
    }
    if (state.value - values[1 - best] <= 2 * state.noise) return;
    const inner: Poll = { left: points[0][0] - state.z[0], right: points[1][0] - state.z[0], values };
    const offset = outer ? crossing(inner, outer) : 0;
    outer = inner;
    radius /= 4;
    if (Math.abs(offset) < state.precision.tolerance / 10) continue;
    const trial = state.shifted(() => offset);
    const met = yield* state.evaluate([trial]);
    if (!(met.values[0] > state.value + state.noise)) continue;
    state.z = trial;
    state.value = met.values[0];
    // It is off by the slopes' own bending: of second order in the radius.
    radius = Math.max(Math.min(radius, 16 * radius * radius), 4 * state.precision.tolerance);
    outer = undefined;
  }
}

/**
 * More axes: a bundle of the gradients met within the radius; the shortest vector of their convex hull points along the ridge,
 * and where it vanishes the radius shrinks (Burke, Lewis & Overton, SIAM J. Optim. 15, 2005, with null steps for samples).
 */
function* followRidge(state: PolishState): Asking<void> {
  const { dim, precision } = state;
  let radius = Math.min(Math.max(state.radius, 1e-6), 0.25);
  let bundle = [yield* slopeAt(state, state.z, state.value, radius)];
  let steepest = largest(bundle[0]);
  for (
    let polls = 0;
    polls < MAX_POLLS && radius > Math.max(precision.tolerance, (20 * state.noise) / Math.max(steepest, 1e-300));
    polls++
  ) {
    const direction = shortest(bundle).map((v, i) =>
      (v > 0 && state.z[i] >= state.upper[i]) || (v < 0 && state.z[i] <= state.lower[i]) ? 0 : v,
    );
    const length = Math.sqrt(dot(direction, direction));
    if (!(length > 1e-3 * steepest) || bundle.length > 2 * dim + 4) {
      radius /= bundle.length > 2 * dim + 4 ? 4 : 16;
      bundle = bundle.slice(0, 1);
      continue;
    }
    const trial = state.shifted((i) => (radius * direction[i]) / length);
    const { values } = yield* state.evaluate([trial]);
    if (values[0] > state.value + Math.max(0.1 * radius * length, state.noise)) {
      state.z = trial;
      state.value = values[0];
      radius = Math.min(2 * radius, 1);
      bundle = [yield* slopeAt(state, trial, values[0], radius)];
      steepest = Math.max(0.1 * steepest, largest(bundle[0]));
    } else if (values[0] > -Infinity) {
      bundle.push(yield* slopeAt(state, trial, values[0], radius));
    } else {
      radius /= 4;
      bundle = bundle.slice(0, 1);
    }
  }
}

/** The gradient at a point; by one-sided differences much shorter than the radius that matters. */
function* slopeAt(state: PolishState, point: Float64Array, value: number, radius: number): Asking<Float64Array> {
  if (state.analytic) return (yield* state.evaluate([Float64Array.from(point)], true)).gradients[0];
  const { dim } = state;
  const length = Math.max(radius / 64, state.noise / Math.max(largest(state.g), 1e-300), 1e-11);
  const points = Array.from({ length: dim }, (_, i) =>
    point.map((z, k) => (k === i ? z + (z + length <= state.upper[i] ? length : -length) : z)),
  );
  const { values } = yield* state.evaluate(points);
  return Float64Array.from({ length: dim }, (_, i) => {
    const slope = (values[i] - value) / (points[i][i] - point[i]);
    return Number.isFinite(slope) ? slope : 0;
  });
}

/** Values left and right of a point. */
interface Poll {
  readonly left: number;
  readonly right: number;
  readonly values: Float64Array;
}

/** Where the line through the two lower neighbours of a point meets the line through the two upper ones; 0 where it does not. */
function crossing(inner: Poll, outer: Poll): number {
  const rise = (inner.values[0] - outer.values[0]) / (inner.left - outer.left);
  const fall = (outer.values[1] - inner.values[1]) / (outer.right - inner.right);
  const t = (inner.values[1] - inner.values[0] + rise * inner.left - fall * inner.right) / (rise - fall);
  return rise > 0 && fall < 0 && t > inner.left && t < inner.right ? t : 0;
}

/** The shortest vector of the convex hull (pairwise Frank-Wolfe, which converges linearly on a polytope). */
function shortest(vectors: readonly Float64Array[]): Float64Array {
  const weights = vectors.map((_, k) => (k === 0 ? 1 : 0));
  const point = Float64Array.from(vectors[0]);
  for (let turn = 0; turn < 500; turn++) {
    const heights = vectors.map((v) => dot(v, point));
    let to = 0;
    let from = -1;
    heights.forEach((height, k) => {
      if (height < heights[to]) to = k;
      if (weights[k] > 0 && (from < 0 || height > heights[from])) from = k;
    });
    const gap = heights[from] - heights[to];
    if (!(gap > 1e-10 * dot(point, point))) break;
    const edge = difference(vectors[to], vectors[from]);
    const share = Math.min(weights[from], gap / dot(edge, edge));
    weights[to] += share;
    weights[from] -= share;
    for (let i = 0; i < point.length; i++) point[i] += share * edge[i];
  }
  return point;
}
