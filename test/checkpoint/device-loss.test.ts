/** A run whose device is lost in mid-run goes on from its last checkpoint on a new one, with the same bits. */
import { describe, expect, it } from 'vitest';
import { closeDevices, createSolver, minimize, nva, type SearchOptions } from '../../src/index.ts';
import { openGpu } from '../../src/node/index.ts';
import { himmelblau } from '../../src/problems/himmelblau.ts';
import { getDevice } from '../harness/device.ts';
import { losable } from './losable.ts';
import { timeless } from './results.ts';
import { bitsOf, makeSolver, type SolverCase } from './solver-runs.ts';

const { wgsl, box } = himmelblau.at();
/** WebGPU, and the devices that were opened by way of it. */
async function recordedGpu(): Promise<{ gpu: GPU; opened: GPUDevice[] }> {
  const own = (await openGpu()).gpu;
  const opened: GPUDevice[] = [];
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = (await own.requestAdapter(options))!;
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      opened.push(await requestDevice(descriptor));
      return opened.at(-1)!;
    };
    return adapter;
  };
  return { gpu: { requestAdapter } as GPU, opened };
}

/** Quick to compile, which every device does anew. */
const method = nva({ estimator: 'score', covariance: 'diagonal' });

describe('onDeviceLost', () => {
  it('a solver', async () => {
    const run: SolverCase = { target: { wgsl, box }, method, options: { components: 3, samples: 20, seed: 6 } };
    const whole = await makeSolver(run, { iterations: 120 });
    await whole.run();
    const { device, lose, onDeviceLost, opened, close } = await losable();
    const solver = await createSolver(run.target, run.method, {
      ...run.options,
      device,
      iterations: 120,
      onDeviceLost,
      checkpointEvery: 0.02,
    });
    const losses = [30];
    await solver.run(({ iteration }) => {
      if (iteration >= losses[0]!) {
        losses.shift();
        lose();
      }
    });
    expect(opened).toHaveLength(2);
    expect((await bitsOf(solver)) === (await bitsOf(whole))).toBe(true);
    whole.dispose();
    solver.dispose();
    close();
  });

  it('a one-wave search, and its checkpoints', async () => {
    const run = (more: object) =>
      minimize({ wgsl, box, method, components: 3, samples: 20, waves: 1, iterations: 80, ...more } as SearchOptions);
    const whole = timeless(await run({ device: await getDevice() }));
    const { device, lose, onDeviceLost, opened, close } = await losable();
    let calls = 0;
    const kept: Uint8Array[] = [];
    const result = await run({
      device,
      onDeviceLost,
      checkpointEvery: 0,
      onCheckpoint: (checkpoint: Uint8Array) => {
        kept.push(checkpoint);
      },
      onProgress: () => {
        calls++;
        if (calls === 3) lose();
      },
    });
    expect(opened).toHaveLength(2);
    expect(timeless(result)).toEqual(whole);
    expect(timeless(await run({ device: await getDevice(), checkpoint: kept.at(-1)! }))).toEqual(whole);
    close();
  });

  it('resume: the library opens the next device where it has opened the first', async () => {
    await getDevice();
    const { gpu, opened } = await recordedGpu();
    const run = (more: object) =>
      minimize({ gpu, wgsl, box, method, components: 3, samples: 20, waves: 1, iterations: 60, ...more } as SearchOptions);
    const whole = timeless(await run({ device: await getDevice() }));
    let calls = 0;
    const result = await run({
      onDeviceLost: 'resume',
      checkpointEvery: 0,
      onProgress: () => {
        calls++;
        if (calls === 2) opened.at(-1)!.destroy();
      },
    });
    expect(opened).toHaveLength(2);
    expect(timeless(result)).toEqual(whole);
    await closeDevices();
  });

  it('must say where the next device comes from, where the first was the caller’s', async () => {
    const device = await getDevice();
    await expect(minimize({ device, wgsl, box, onDeviceLost: 'resume' })).rejects.toThrow(/onDeviceLost: with a device of your own/);
    await expect(minimize({ device, wgsl, box, onDeviceLost: 'again' as never })).rejects.toThrow(/onDeviceLost/);
  });
});
