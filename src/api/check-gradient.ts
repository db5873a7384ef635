/** Does a gradient belong to its value? Checked against central differences at points of the box. */
import { ObjectiveError, OptionError } from '../gpu/errors.ts';
import type { Evaluator } from '../objective/evaluator.ts';
import { readTarget, type TargetOptions } from '../objective/objective.ts';
import { checkNames, numberOption } from '../run/options.ts';
import { gpuFor, targetOptionNames } from './search-options.ts';

/** What {@link checkGradient} found. */
export interface GradientCheck {
  /** Whether every entry agrees within the tolerance. */
  ok: boolean;
  /** Largest disagreement, as a share of the gradient's largest entry at that point (at least the noise of the differences). */
  worst: number;
  /** Where it is: the point, the coordinate, the gradient's entry and the difference quotient. */
  at: { x: number[]; coordinate: number; gradient: number; difference: number };
  /** Disagreement up to which a gradient counts as right: 1e-3 in f64, 5e-2 in f32, unless given. */
  tolerance: number;
  /** Arithmetic of the difference quotients. */
  precision: 'f64' | 'f32';
  /** Points of the box at which it was compared, all coordinates each. */
  points: number;
}

/** Steps relative to the box's width, and what the quotients are good for. */
const settings = {
  // The gradient is float32 even where the value is float64.
  f64: { step: 1e-6, tolerance: 1e-3, noise: 2 ** -52 },
  f32: { step: 2 ** -8, tolerance: 5e-2, noise: 2 ** -23 },
};

/**
 * Compares the objective's gradient (`value_and_gradient`, or a buffer objective's) with central differences of its value: in
 * float64 where the target has an `exact` form, else in float32, where agreement to 5 % of the largest entry is what can be told.
 * A gradient that is not finite where the value around it is disagrees infinitely.
 * @throws ObjectiveError when the objective has no gradient, or no usable value near any of the points.
 */
export async function checkGradient(
  target: TargetOptions,
  options: { points?: number; seed?: number; device?: GPUDevice; gpu?: GPU; tolerance?: number } = {},
): Promise<GradientCheck> {
  checkNames('target option', target, targetOptionNames);
  checkNames('option', options, ['points', 'seed', 'device', 'gpu', 'tolerance']);
  const objective = readTarget(target, 'maximize');
  if (objective.derivatives === 'value')
    throw new ObjectiveError('this objective has no gradient to check: define fn value_and_gradient in the WGSL');
  const count = numberOption('points', options.points, 32, { min: 1, max: 1e5, whole: true });
  const seed = numberOption('seed', options.seed, 0, { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true });
  const [gpu, { gpuEvaluator, pointEvaluator }, { uniformPoints }] = await Promise.all([
    gpuFor(options),
    import('../objective/point-evaluators.ts'),
    import('../run/candidates.ts'),
  ]);
  const gradients = await gpuEvaluator(gpu, objective);
  const values: Evaluator | undefined = objective.exact ? await pointEvaluator(gpu, objective) : gradients;
  try {
    if (!values) throw new OptionError('the objective cannot be evaluated');
    const { box } = objective;
    const { dim } = box;
    const { step, noise } = settings[values.precision];
    const tolerance = numberOption('tolerance', options.tolerance, settings[values.precision].tolerance, { min: 0, max: 1, above: true });
    const x = uniformPoints(box, count, seed, 0).map(Math.fround);
    const found = await gradients.evaluateWithGradient!(x);
    const shifted: number[] = [];
    const steps: number[] = [];
    for (let i = 0; i < count; i++) {
      for (let a = 0; a < dim; a++) {
        const h = step * (box.upper[a]! - box.lower[a]!);
        const ends = [-1, 1].map((sign) => Math.fround(Math.min(Math.max(x[i * dim + a]! + sign * h, box.lower[a]!), box.upper[a]!)));
        for (const end of ends) shifted.push(...x.subarray(i * dim, i * dim + a), end, ...x.subarray(i * dim + a + 1, (i + 1) * dim));
        steps.push(ends[1]! - ends[0]!);
      }
    }
    const around = await values.evaluate(Float64Array.from(shifted));
    const result: GradientCheck = {
      ok: true,
      worst: 0,
      at: { x: [], coordinate: 0, gradient: 0, difference: 0 },
      tolerance,
      precision: values.precision,
      points: count,
    };
    let compared = 0;
    for (let i = 0; i < count; i++) {
      const gradient = found.gradients.subarray(i * dim, (i + 1) * dim);
      const scale = gradient.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
      for (let a = 0; a < dim; a++) {
        const [low, high] = [around[2 * (i * dim + a)]!, around[2 * (i * dim + a) + 1]!];
        if (!Number.isFinite(low) || !Number.isFinite(high)) continue;
        compared++;
        const width = steps[i * dim + a]!;
        const difference = (high - low) / width;
        const roundoff = (16 * noise * Math.max(Math.abs(low), Math.abs(high))) / width;
        const off = Number.isFinite(found.values[i]!)
          ? Math.max(0, Math.abs(gradient[a]! - difference) - roundoff) / Math.max(scale, roundoff, 1e-30)
          : Number.POSITIVE_INFINITY;
        if (off > result.worst) {
          result.worst = off;
          result.at = { x: Array.from(x.subarray(i * dim, (i + 1) * dim)), coordinate: a, gradient: gradient[a]!, difference };
        }
      }
    }
    if (compared === 0) throw new ObjectiveError(`the objective returned no usable number near any of ${count} points of the box`);
    result.ok = result.worst <= tolerance;
    return result;
  } finally {
    gradients.dispose?.();
    if (values !== gradients) (values as { dispose?(): void } | undefined)?.dispose?.();
  }
}
