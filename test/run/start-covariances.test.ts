/** An engine's start from whole covariances: factorised where it is full, refused by name where it is not positive definite. */
import { expect, it } from 'vitest';
import { openDevice } from '../../src/gpu/device.ts';
import { nva } from '../../src/index.ts';
import { readTarget } from '../../src/objective/objective.ts';
import { Engine } from '../../src/run/engine.ts';
import { getDevice } from '../harness/device.ts';

/** Packed lower triangles of two components: L = [[2], [0.5, 3]], and [[1], [-1, 0.25]]. */
const covariances = Float64Array.of(4, 1, 9.25, 1, -1, 1.0625);
const factors = [2, 0.5, 3, 1, -1, 0.25];

async function startWith(given: Float64Array): Promise<Float32Array> {
  const wgsl = 'fn objective(x: Point) -> f32 { return x[0] * x[0] + x[1] * x[1]; }';
  const objective = readTarget({ wgsl, box: [-1, 1], dim: 2 }, 'minimize');
  const method = nva().resolve({ derivatives: objective.derivatives, dim: 2 });
  const gpu = await openDevice({ device: await getDevice() });
  const engine = await Engine.create(gpu, objective, method, { components: 2, samples: 16, seed: 1 });
  try {
    await engine.start({ start: { means: new Float64Array(4), covariances: given }, firstTemperature: 1 });
    return (await engine.read()).factors;
  } finally {
    engine.dispose();
  }
}

it('factors and their inverses', async () => {
  const read = await startWith(covariances);
  // A component's L, then L^-1.
  for (const k of [0, 1]) {
    const [a, b, c] = factors.slice(3 * k) as [number, number, number];
    const own = [a, b, c, 1 / a, -b / (a * c), 1 / c];
    for (const [i, entry] of own.entries()) expect(read[6 * k + i]).toBeCloseTo(entry, 5);
  }
});

it('not positive definite: component and column', async () => {
  await expect(startWith(Float64Array.of(4, 1, 9.25, 1, 2, 1))).rejects.toThrow(
    new RangeError('the start covariance of component 1 is not positive definite (column 2)'),
  );
});
