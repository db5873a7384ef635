/** From the engine's numbers to the user's: coordinates, signs, covariances as rows. */
import { bestPointOffset, type ControlValues, field, NO_VALUE, recordSize, stopBit } from '../kernels/state.ts';
import type { Mixture } from '../mixture/mixture.ts';
import { type Boundary, enterBox, toUser } from '../objective/boundary.ts';
import type { Snapshot, StopReason } from '../result/types.ts';
import type { Engine, EngineState } from './engine.ts';

/** One component in user coordinates. */
export interface ComponentView {
  x: Float64Array;
  weight: number;
  /** Row by row. */
  covariance: Float64Array;
  /** Standard deviation per axis. */
  scale: Float64Array;
  best: number;
  bestX: Float64Array;
}

/** Means map into the box; covariances scale with the slope of the map there. */
export function viewComponents(engine: Engine, state: EngineState): ComponentView[] {
  const { dim } = engine;
  const { box, boundary } = engine.objective;
  const record = recordSize(dim);
  const full = engine.method.covariance === 'full';
  const entries = full ? (dim * (dim + 1)) / 2 : dim;
  return Array.from({ length: state.control.components }, (_, k) => {
    const row = state.components.subarray(k * record, (k + 1) * record);
    const mean = row.subarray(field.mean, field.mean + dim);
    const slope = Float64Array.from(mean, (u, i) => slopeAt(u, box.lower[i]!, box.upper[i]!, boundary));
    const factor = state.factors.subarray(2 * entries * k, 2 * entries * k + entries);
    const covariance = new Float64Array(dim * dim);
    for (let a = 0; a < dim; a++) {
      if (!full) {
        covariance[a * dim + a] = (slope[a]! * factor[a]!) ** 2;
        continue;
      }
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let j = 0; j <= b; j++) sum += factor[(a * (a + 1)) / 2 + j]! * factor[(b * (b + 1)) / 2 + j]!;
        covariance[a * dim + b] = covariance[b * dim + a] = slope[a]! * slope[b]! * sum;
      }
    }
    return {
      x: toUser(mean, box, boundary),
      weight: Math.exp(row[field.logWeight]!),
      covariance,
      scale: Float64Array.from({ length: dim }, (_, i) => Math.sqrt(covariance[i * dim + i]!)),
      best: row[field.best]!,
      bestX: toUser(row.subarray(bestPointOffset(dim), bestPointOffset(dim) + dim), box, boundary),
    };
  });
}

/** dx/du; at the faces for `smooth` and `bounded`, where it is 0, a tenth of what it is elsewhere, so that no covariance is singular. */
function slopeAt(u: number, lower: number, upper: number, boundary: Boundary): number {
  if (boundary === 'none') return enterBox(u, lower, upper, 'none').slope;
  const half = enterBox(u, lower, upper, 'reflect').slope;
  const flattens = boundary === 'smooth' || boundary === 'bounded';
  return flattens ? Math.max(enterBox(u, lower, upper, boundary).slope, 0.1 * half) : half;
}

export function mixtureOf(components: readonly ComponentView[], dim: number): Mixture {
  const total = components.reduce((sum, { weight }) => sum + weight, 0);
  return {
    weights: components.map(({ weight }) => weight / total),
    means: components.map(({ x }) => Array.from(x)),
    covariances: components.map(({ covariance }) => matrixRows(covariance, dim)),
  };
}

export const matrixRows = (matrix: ArrayLike<number>, dim: number): number[][] =>
  Array.from({ length: dim }, (_, i) => Array.from({ length: dim }, (_, j) => matrix[i * dim + j]!));

const stopNames: [number, StopReason][] = [
  [stopBit.iterations, 'iterations'],
  [stopBit.evaluations, 'evaluations'],
  [stopBit.temperature, 'final temperature'],
  [stopBit.settled, 'settled'],
  [stopBit.target, 'target'],
  [stopBit.noValues, 'no usable values'],
];

export const stopReasons = (control: ControlValues): StopReason[] =>
  stopNames.filter(([bit]) => control.stop & bit).map(([, name]) => name);

/** Components removed and added since the start. @param started components there were at it */
export const componentChanges = (started: number, { components, removals }: ControlValues) => ({
  componentsRemoved: removals,
  componentsAdded: components + removals - started,
});

export function snapshotOf(engine: Engine, state: EngineState): Snapshot {
  const components = viewComponents(engine, state);
  const { control } = state;
  const top = components.reduce((a, b) => (b.best > a.best ? b : a));
  const sense = engine.objective.text.sense;
  return {
    iteration: control.iteration,
    evaluations: control.evaluations,
    temperature: control.temperature,
    spread: control.spread,
    mixture: mixtureOf(components, engine.dim),
    best: { x: Array.from(top.bestX), value: top.best === NO_VALUE ? Number.NaN : sense * top.best },
    nonFinite: control.non_finite,
    failedSteps: control.failures,
    ...componentChanges(engine.components, control),
    stopReasons: stopReasons(control),
  };
}
