/** Inversions that go on from a checkpoint end with the result they would have had: components, particles, and densities. */
import { describe, expect, it } from 'vitest';
import { dfGmvi, eki, gmki, invert } from '../../src/index.ts';
import { quadraticInversion } from '../../src/problems/inversion-small.ts';
import { getDevice } from '../harness/device.ts';
import { inversionResumesAlike, lastOf, type InversionCase as Options, inversion as problem } from './inversion-runs.ts';
import { timeless } from './results.ts';

const methods: Record<string, Options> = {
  GMKI: { method: gmki(), components: 3 },
  'DF-GMVI': { method: dfGmvi(), components: 4 },
  EKI: { method: eki({ particles: 30, step: 0.01 }) },
};

describe('after 1, 7 and 50 iterations, then 62 in all', () => {
  for (const [name, options] of Object.entries(methods)) it(name, () => inversionResumesAlike(options));
});

it('a forward model on the CPU, and a budget of model runs', async () => {
  const { twin, wgsl: _, ...inversion } = quadraticInversion(0.2);
  const host = (theta: Float64Array, count: number) => Float64Array.from({ length: count }, (__, i) => twin(theta.subarray(i, i + 1))[0]!);
  const options = { host, dim: 1, y: inversion.data, noise: 0.2, prior: { mean: 3, deviation: 2 }, method: gmki(), components: 2 };
  const device = await getDevice();
  const whole = await invert({ ...options, device, evaluations: 90 });
  let last: Uint8Array | undefined;
  await invert({
    ...options,
    device,
    evaluations: 40,
    onCheckpoint: (checkpoint) => {
      last = checkpoint;
    },
  });
  expect(timeless(await invert({ ...options, device, evaluations: 90, ...(last ? { checkpoint: last } : {}) }))).toMatchObject({
    modes: whole.modes,
    modelRuns: whole.modelRuns,
    iterations: whole.iterations,
  });
});

it('other data, noise or prior are told by their name', async () => {
  const checkpoint = await lastOf({ ...methods.GMKI, iterations: 3 });
  const device = await getDevice();
  const refused = (more: object) => invert({ ...problem, device, seed: 4, method: gmki(), components: 3, checkpoint, ...more });
  await expect(refused({ y: [4] })).rejects.toThrow(/y is another/);
  await expect(refused({ noise: 2 })).rejects.toThrow(/noise is another/);
  await expect(refused({ prior: { mean: 0, deviation: 3 } })).rejects.toThrow(/prior is another/);
  await expect(refused({ method: dfGmvi() })).rejects.toThrow(/method\.name is gmki there and df-gmvi here/);
});
