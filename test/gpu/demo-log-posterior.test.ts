/** Inverse problems as the demo page's objectives: on the GPU what the float64 twins say. */
import { describe, expect, it } from 'vitest';
import { logPosteriorText } from '../../demo/log-posterior.ts';
import { openDevice } from '../../src/gpu/device.ts';
import { purpose, RandomStream } from '../../src/mixture/random.ts';
import { readTarget } from '../../src/objective/objective.ts';
import { gpuEvaluator } from '../../src/objective/point-evaluators.ts';
import type { InversionProblem } from '../../src/problems/inversion.ts';
import { planeInversions } from '../../src/problems/inversion-plane.ts';
import { smallInversions } from '../../src/problems/inversion-small.ts';
import { getDevice } from '../harness/device.ts';

const POINTS = 50;

const entry = (values: number | readonly number[], i: number): number => (typeof values === 'number' ? values : values[i]!);

function logPosterior({ twin, data, noise, prior }: InversionProblem, theta: Float64Array): number {
  const misfit = twin(theta).reduce((sum, y, i) => sum + ((y - data[i]!) / entry(noise, i)) ** 2, 0);
  if (!prior) return -0.5 * misfit;
  return -0.5 * theta.reduce((sum, t, i) => sum + ((t - entry(prior.mean, i)) / entry(prior.deviation, i)) ** 2, misfit);
}

describe('log posteriors of the demo', () => {
  it.each([...smallInversions, ...planeInversions.flatMap(({ at }) => [at(2), at(10)])].map((problem) => [problem.name, problem] as const))(
    '%s',
    async (_name, problem) => {
      const { dimension } = problem;
      const wgsl = logPosteriorText(problem.wgsl!, problem);
      const gpu = await openDevice({ device: await getDevice() });
      const evaluator = await gpuEvaluator(gpu, readTarget({ wgsl, box: [-3, 3], dim: dimension }, 'maximize'));
      const random = new RandomStream(1, purpose.initialise);
      const points = Float64Array.from({ length: POINTS * dimension }, () => Math.fround(6 * random.uniform() - 3));
      const values = await evaluator.evaluate(points);
      for (let i = 0; i < POINTS; i++) {
        const wanted = logPosterior(problem, points.slice(i * dimension, (i + 1) * dimension));
        expect(Math.abs(values[i]! - wanted)).toBeLessThanOrEqual(2e-4 * Math.max(1, Math.abs(wanted)));
      }
      evaluator.dispose?.();
    },
  );
});
