/** Searches and fits that go on from a checkpoint end with the result they would have had. */
import { describe, expect, it } from 'vitest';
import { gmmvi, minimize, nva, sample } from '../../src/index.ts';
import { fourModes } from '../../src/problems/four-modes.ts';
import { himmelblau } from '../../src/problems/himmelblau.ts';
import { getDevice } from '../harness/device.ts';
import { goesOnAlike, timeless } from './results.ts';

const plain = himmelblau.at();
const modes = fourModes.at();

describe('resumed anywhere, the result is the same', () => {
  it('minimize: waves, restarts, the archive', async () => {
    const device = await getDevice();
    const { wgsl, box, value } = plain;
    await goesOnAlike((more) => minimize({ device, wgsl, box, exact: { value }, seed: 5, evaluations: 25_000, ...more }), 5);
  });

  it('minimize: one wave', async () => {
    const device = await getDevice();
    const { wgsl, box } = plain;
    await goesOnAlike((more) => minimize({ device, wgsl, box, waves: 1, iterations: 60, ...more }));
  });

  it('sample: SAMTRON', async () => {
    const device = await getDevice();
    const { wgsl, box } = modes;
    const method = gmmvi('SAMTRON', { addEvery: 5, removeAfter: 8, capacity: 10, samples: 20, pastSamples: 1024 });
    await goesOnAlike((more) => sample({ device, wgsl, box, method, components: 3, iterations: 40, draws: 20, seed: 1, ...more }));
  });
});

describe('budgets count from the start of the original run', () => {
  it('iterations of a fit: 20, then 40 in all', async () => {
    const device = await getDevice();
    const { wgsl, box } = modes;
    const method = gmmvi('SAMTRON', { addEvery: 5, removeAfter: 8, capacity: 10, samples: 20, pastSamples: 1024 });
    const run = (more: object) => sample({ device, wgsl, box, method, components: 3, ...more });
    const whole = await run({ iterations: 40 });
    let last: Uint8Array | undefined;
    const part = await run({
      iterations: 20,
      onCheckpoint: (checkpoint: Uint8Array) => {
        last = checkpoint;
      },
    });
    expect(part.iterations).toBe(20);
    expect(timeless(await run({ iterations: 20, checkpoint: last }))).toEqual(timeless(part));
    expect(timeless(await run({ iterations: 40, checkpoint: last }))).toEqual(timeless(whole));
  });

  it('of a search that was stopped by its signal', async () => {
    const device = await getDevice();
    const { wgsl, box } = plain;
    const run = (more: object) => minimize({ device, wgsl, box, evaluations: 60_000, seed: 8, ...more });
    const whole = await run({});
    const halt = new AbortController();
    let last: Uint8Array | undefined;
    const part = await run({
      signal: halt.signal,
      onProgress: ({ iteration }: { iteration: number }) => {
        if (iteration >= 12) halt.abort();
      },
      onCheckpoint: (checkpoint: Uint8Array) => {
        last = checkpoint;
      },
    });
    expect(part.status).toBe('aborted');
    expect(timeless(await run({ checkpoint: last }))).toEqual(timeless(whole));
  });
});

it('a checkpoint of another run is refused by name', async () => {
  const device = await getDevice();
  const { wgsl, box } = plain;
  let last: Uint8Array | undefined;
  const onCheckpoint = (checkpoint: Uint8Array) => {
    last = checkpoint;
  };
  await minimize({ device, wgsl, box, waves: 1, iterations: 5, onCheckpoint });
  const refused = (more: object) => minimize({ device, wgsl, box, waves: 1, iterations: 9, checkpoint: last!, ...more });
  await expect(refused({ seed: 3 })).rejects.toMatchObject({
    name: 'CheckpointError',
    message: expect.stringMatching(/seed is 0 there and 3 here/),
  });
  await expect(refused({ method: nva({ estimator: 'ranked' }) })).rejects.toThrow(/method\.estimator is \w+ there and ranked here/);
  await expect(refused({ boundary: 'reflect' })).rejects.toThrow(/boundary is penalise there and reflect here/);
  await expect(sample({ device, wgsl, box, checkpoint: last! })).rejects.toThrow(/another run/);
});
