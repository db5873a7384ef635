/** Runs that are started, stopped and disposed of again and again leave nothing behind; nor does a GPU that is full. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { openDevice } from '../../src/gpu/device.ts';
import { createSolver, minimize, nva, OutOfMemoryError } from '../../src/index.ts';
import { getDevice } from '../harness/device.ts';
import { requestTestDevice } from '../harness/gpu.ts';

const wgsl = 'fn objective(x: Point) -> f32 { return x[0] * x[0] + x[1] * x[1]; }';
const box: [number, number][] = [
  [-1, 1],
  [-1, 1],
];
const method = nva({ estimator: 'score', covariance: 'diagonal' });

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A device of its own that knows which of its buffers and query sets are alive. */
async function countingDevice() {
  await getDevice();
  const device = await requestTestDevice();
  const alive = new Set<GPUBuffer | GPUQuerySet>();
  const createQuerySet = device.createQuerySet.bind(device);
  device.createQuerySet = (descriptor) => {
    const queries = createQuerySet(descriptor);
    alive.add(queries);
    const destroy = queries.destroy.bind(queries);
    queries.destroy = () => {
      alive.delete(queries);
      destroy();
    };
    return queries;
  };
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    alive.add(buffer);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      alive.delete(buffer);
      destroy();
    };
    return buffer;
  };
  return { device, alive };
}

/** Bytes in use once garbage is gone, after the finalisers have had their turn. */
async function heap(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return process.memoryUsage().heapUsed;
}

const CYCLES = 200;

describe('again and again', () => {
  it(`a solver, ${CYCLES} times: start, run, stop in mid-run, save, dispose`, async () => {
    const { device, alive } = await countingDevice();
    const gpu = await openDevice({ device });
    const cycle = async (i: number) => {
      const halt = new AbortController();
      const solver = await createSolver({ wgsl, box }, method, { device, components: 2, samples: 16, seed: i, signal: halt.signal });
      const running = solver.run(() => halt.abort());
      await running;
      if (i % 10 === 0) await solver.restore(await solver.save());
      solver.dispose();
    };
    for (let i = 0; i < 40; i++) await cycle(i);
    const before = await heap();
    for (let i = 40; i < CYCLES; i++) await cycle(i);
    const grown = (await heap()) - before;
    expect(alive.size).toBe(0);
    expect(gpu.onLost.size).toBe(0);
    expect(grown).toBeLessThan(1e6);
    device.destroy();
  });

  it('a search with checkpoints, aborted, 80 times', async () => {
    const { device, alive } = await countingDevice();
    const cycle = async (i: number) => {
      const halt = new AbortController();
      await minimize({
        device,
        wgsl,
        box,
        method,
        components: 2,
        samples: 16,
        seed: i,
        waves: 1,
        iterations: 8,
        signal: halt.signal,
        onProgress: () => {
          if (i % 2 === 0) halt.abort();
        },
        onCheckpoint: () => {},
        checkpointEvery: 0,
      });
    };
    for (let i = 0; i < 20; i++) await cycle(i);
    const before = await heap();
    for (let i = 20; i < 80; i++) await cycle(i);
    expect(alive.size).toBe(0);
    expect((await heap()) - before).toBeLessThan(1e6);
    device.destroy();
  });
});

describe('out of memory', () => {
  it('is told, leaves nothing allocated, and the device goes on', async () => {
    const { device, alive } = await countingDevice();
    // A full GPU: what it says of an allocation, without taking the memory of everyone on this machine.
    const popErrorScope = device.popErrorScope.bind(device);
    const pushErrorScope = device.pushErrorScope.bind(device);
    const scopes: GPUErrorFilter[] = [];
    let full = true;
    device.pushErrorScope = (filter) => {
      scopes.push(filter);
      return pushErrorScope(filter);
    };
    device.popErrorScope = async () => {
      const filter = scopes.pop();
      const error = await popErrorScope();
      return full && filter === 'out-of-memory' ? ({ message: 'no memory left' } as GPUOutOfMemoryError) : error;
    };
    const make = () => createSolver({ wgsl, box }, method, { device, components: 2, samples: 16 });
    await expect(make()).rejects.toBeInstanceOf(OutOfMemoryError);
    await expect(minimize({ device, wgsl, box, method, waves: 1, iterations: 3 })).rejects.toThrow(/Use fewer samples or components/);
    expect(alive.size).toBe(0);
    full = false;
    const solver = await make();
    expect((await solver.step(3)).iteration).toBe(3);
    // In mid-run nothing is allocated that matters: another solver that does not fit leaves this one running.
    full = true;
    await expect(make()).rejects.toBeInstanceOf(OutOfMemoryError);
    expect((await solver.step(3)).iteration).toBe(6);
    solver.dispose();
    expect(alive.size).toBe(0);
    device.destroy();
  });
});
