/** The objective on a plane of two axes, the others held at a point: evaluated on the GPU by the library's own evaluator. */
import type { Gpu } from '../src/gpu/device.ts';
import { readTarget } from '../src/objective/objective.ts';
import { gpuEvaluator } from '../src/objective/point-evaluators.ts';
import { type Landscape, landscapeFrom } from './contours.ts';
import type { Settings } from './settings.ts';
import { targetOf } from './target.ts';

/** Nodes an axis. */
const GRID = 160;

export async function sampleSlice(
  gpu: Gpu,
  settings: Settings,
  axes: readonly [number, number],
  through: readonly number[],
): Promise<Landscape> {
  const { sense = 'minimize', ...target } = targetOf(settings);
  const objective = readTarget(target, sense);
  const { dim, lower, upper } = objective.box;
  const [a, b] = axes;
  const points = new Float64Array(GRID * GRID * dim);
  for (let j = 0; j < GRID; j++) {
    for (let i = 0; i < GRID; i++) {
      const at = (j * GRID + i) * dim;
      points.set(through, at);
      points[at + a] = lower[a]! + ((upper[a]! - lower[a]!) * i) / (GRID - 1);
      points[at + b] = lower[b]! + ((upper[b]! - lower[b]!) * j) / (GRID - 1);
    }
  }
  const evaluator = await gpuEvaluator(gpu, objective);
  try {
    return landscapeFrom(GRID, GRID, await evaluator.evaluate(points));
  } finally {
    evaluator.dispose?.();
  }
}
