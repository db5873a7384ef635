/**
 * Climb: projected quasi-Newton ascent to where no slope is left, or to where slopes jump (Nocedal & Wright, Numerical
 * Optimization, 2nd ed., ch. 6-8, 16.7). Whether the end is a mode is for verify.ts to say.
 */
import { measure, NEWTON_DIMENSION, survey } from './differences.ts';
import { difference, dot, largest } from './linear.ts';
import type { Asking } from './lockstep.ts';
import { MAX_DISTANCE, type PolishState } from './polish-state.ts';

const MAX_STEPS = 400;
/** Steps in a row that overshoot before the objective is taken for kinked. */
const MAX_REVERSALS = 5;

export function* climb(state: PolishState, known: boolean): Asking<'settled' | 'rough' | 'not finite' | 'unsettled'> {
  yield* survey(state, known);
  if (state.value === -Infinity) return 'not finite';
  // With many axes, gradients by one-sided differences do until the last steps.
  let forward = !state.analytic && state.dim > NEWTON_DIMENSION;
  let reversals = 0;
  let noisy = 0;
  let previous = Infinity;
  let radius = Math.min(state.radius, state.model.calibrated ? Infinity : 0.1);
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const low = state.lower.map((bound, i) => bound - state.z[i]);
    const high = state.upper.map((bound, i) => bound - state.z[i]);
    const step = state.model.step(state.g, low, high);
    let length = largest(step);
    const limited = length > radius || (!state.model.calibrated && length > 0);
    if (limited) {
      for (let i = 0; i < state.dim; i++) step[i] = Math.min(Math.max((step[i] * radius) / length, low[i]), high[i]);
      length = largest(step);
    }
    const slope = dot(state.g, step);
    if (forward && (length < 1e-3 || !(slope > 0))) {
      forward = false;
      yield* measure(state, false);
      continue;
    }
    if (!(slope > 0) || negligible(state, step)) return 'settled';
    const trial = state.shifted((i) => step[i]);
    const { values, gradients } = yield* state.evaluate([trial], state.analytic);
    const moved = trial.map((z, i) => z - state.z[i]);
    const gain = values[0] - state.value;
    const noise = state.noise;
    const accepted = gain >= 1e-4 * slope || (slope < 20 * noise && gain >= -2 * noise);
    if (!accepted) {
      if (gain > -Infinity && state.analytic) state.model.update(moved, difference(state.g, gradients[0]));
      if (slope < noise) return 'settled';
      const vertex = gain === -Infinity ? 0.25 : slope / (2 * (slope - gain));
      radius = length * Math.min(Math.max(vertex, 0.1), 0.5);
      if (++reversals >= MAX_REVERSALS || radius < state.precision.tolerance) {
        state.radius = Math.max(radius, 1e-4);
        return 'rough';
      }
      continue;
    }
    const g = state.g;
    state.z = trial;
    state.value = values[0];
    if (limited && gain > 0.4 * slope) radius *= gain > 0.75 * slope ? 4 : 2;
    else if (!limited) radius = Math.max(radius, 2 * length);
    if (slope < 20 * noise && ++noisy >= (state.analytic ? 8 : 3)) return 'settled';
    if (state.analytic) {
      state.g = gradients[0];
      state.model.update(moved, difference(g, state.g));
    } else {
      // Steps shrink at least linearly: the error that is left is known without looking once more.
      if (!limited && !forward && length * (previous < Infinity ? Math.min(length / previous, 1) : 1) < state.precision.tolerance)
        return 'settled';
      yield* measure(state, forward);
      if (state.dim > NEWTON_DIMENSION) state.model.update(moved, difference(g, state.g));
    }
    previous = limited ? Infinity : length;
    if (largest(state.z) > MAX_DISTANCE) return 'unsettled';
    // A slope that turns against the step again and again is a kink.
    if (dot(state.g, moved) < -0.3 * slope) {
      if (++reversals >= MAX_REVERSALS) {
        state.radius = Math.max(length, 1e-4);
        return 'rough';
      }
    } else reversals = 0;
  }
  return 'settled';
}

/** Shorter than the target or the coordinates' spacing, or a gradient that is nothing but its own error. */
function negligible(state: PolishState, step: Float64Array): boolean {
  const { precision, noise } = state;
  const short = step.every((p, i) => {
    const spacing = (precision.spacing * Math.abs(state.origin[i] + state.scale[i] * state.z[i])) / state.scale[i];
    return Math.abs(p) <= Math.max(precision.tolerance, 0.5 * spacing);
  });
  return short || (!state.analytic && step.every((p, i) => p === 0 || Math.abs(state.g[i]) <= noise / state.h[i]));
}
