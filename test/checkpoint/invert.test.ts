/** Inversions that go on from a checkpoint end with the result they would have had: components, particles, and densities. */
import { describe, expect, it } from 'vitest';
import { problemInversion } from '../../src/cli/invert.ts';
import { dfGmvi, eki, eks, gmbbvi, gmki, type InversionResult, invert } from '../../src/index.ts';
import { bimodalInversion, quadraticInversion } from '../../src/problems/inversion-small.ts';
import { getDevice } from '../harness/device.ts';
import { goesOnAlike, timeless } from './results.ts';

const problem = problemInversion(bimodalInversion('centred'));

type Options = Omit<Parameters<typeof invert>[0], keyof typeof problem>;
const run = async (options: Partial<Options>): Promise<InversionResult> =>
  invert({ ...problem, device: await getDevice(), seed: 4, ...options } as Parameters<typeof invert>[0]);

/** Of a run that stops after so many iterations. */
async function lastOf(options: Partial<Options>): Promise<Uint8Array> {
  let last: Uint8Array | undefined;
  await run({
    ...options,
    onCheckpoint: (checkpoint: Uint8Array) => {
      last = checkpoint;
    },
  });
  return last!;
}

const methods: Record<string, Partial<Options>> = {
  GMKI: { method: gmki(), components: 3 },
  'GMKI with drawn nodes': { method: gmki({ exploration: 'sampled', nodes: 64 }), components: 3 },
  'DF-GMVI': { method: dfGmvi(), components: 4 },
  EKI: { method: eki({ particles: 30, step: 0.01 }) },
  EKS: { method: eks({ particles: 30 }) },
};

describe('after 1, 7 and 50 iterations, then 62 in all', () => {
  for (const [name, options] of Object.entries(methods)) {
    it(name, async () => {
      const whole = timeless(await run({ ...options, iterations: 62 }));
      for (const iterations of [1, 7, 50]) {
        const checkpoint = await lastOf({ ...options, iterations });
        expect(timeless(await run({ ...options, iterations: 62, checkpoint })), `after ${iterations}`).toEqual(whole);
      }
    });
  }
});

it('GMBBVI, which looks at the density only, from anywhere', async () => {
  await goesOnAlike((more) => run({ method: gmbbvi({ anneal: 10 }), components: 5, iterations: 30, ...more }));
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
