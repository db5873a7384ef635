/** Each limit alone: d = 512, K = 1024, 2^22 samples an iteration; a few iterations that stay finite and go uphill. */
import { expect, it } from 'vitest';
import { openDevice } from '../../src/gpu/device.ts';
import { nva } from '../../src/index.ts';
import { readTarget } from '../../src/objective/objective.ts';
import { Solver } from '../../src/run/solver.ts';
import { getDevice } from '../harness/device.ts';

const wgsl = `fn objective(x: Point) -> f32 { var s = 0.0; for (var i = 0u; i < DIM; i++) { s += x[i] * x[i]; } return -s; }
fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  for (var i = 0u; i < DIM; i++) { (*gradient)[i] = -2.0 * x[i]; }
  return objective(x);
}`;

it.each([
  { dim: 512, components: 2, samples: 16, estimator: 'stein' },
  { dim: 512, components: 2, samples: 16, estimator: 'score' },
  { dim: 1, components: 1024, samples: 8, estimator: 'stein' },
  { dim: 2, components: 1, samples: 2 ** 22, estimator: 'score' },
  { dim: 2, components: 1, samples: 2 ** 17, estimator: 'ranked' },
  // 2^22 samples in ten dimensions pass 128 MiB a buffer: several chunks.
  { dim: 10, components: 2, samples: 2 ** 21, estimator: 'score' },
] as const)('d = $dim, K = $components, $samples samples each, $estimator', async ({ dim, components, samples, estimator }) => {
  const device = await getDevice();
  const objective = readTarget({ wgsl, box: [-1, 2], dim }, 'maximize');
  const method = nva({ estimator, schedule: 'fixed', firstTemperature: 0.1 }).resolve({ derivatives: objective.derivatives, dim });
  const solver = await Solver.create(await openDevice({ device }), objective, method, {
    components,
    samples,
    seed: 1,
    iterationsPerSubmit: 1,
  });
  try {
    const chunked = solver.engine.plan.batches.length > 1;
    expect(chunked).toBe(dim * components * samples > 2 ** 25);
    const snapshot = await solver.step(3);
    expect(snapshot.iteration).toBe(3);
    expect(snapshot.evaluations).toBe(3 * components * samples);
    expect(snapshot.failedSteps).toBe(0);
    expect(snapshot.mixture.means.flat().every(Number.isFinite)).toBe(true);
    const values = solver.trace.map(({ value }) => value);
    expect(values.at(-1)).toBeGreaterThan(values[0]!);
  } finally {
    solver.dispose();
  }
});
