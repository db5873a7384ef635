/** Time, like iterations and evaluations, counts from the start of the original run: in budgets, and in what results say of it. */
import { describe, expect, it } from 'vitest';
import { createSolver, eki, gmbbvi, gmki, invert, minimize, nva, type SearchOptions, sample } from '../../src/index.ts';
import { himmelblau } from '../../src/problems/himmelblau.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/run/checkpoint-file.ts';
import { getDevice } from '../harness/device.ts';
import { lastOf, runInversion } from './inversion-runs.ts';
import { losable } from './losable.ts';

const { wgsl, box } = himmelblau.at();
const method = nva({ estimator: 'score', covariance: 'diagonal' });

/** As if the run up to it had taken so long. */
const aged = (checkpoint: Uint8Array, seconds: number): Uint8Array => encodeCheckpoint({ ...decodeCheckpoint(checkpoint), seconds });

async function keptBy(run: (more: object) => Promise<unknown>): Promise<Uint8Array> {
  let last: Uint8Array | undefined;
  await run({
    onCheckpoint: (checkpoint: Uint8Array) => {
      last = checkpoint;
    },
  });
  return aged(last!, 1000);
}

describe('resumed after 1000 seconds', () => {
  for (const [name, search] of [
    ['minimize', minimize],
    ['sample', sample],
  ] as const) {
    it(name, async () => {
      const device = await getDevice();
      const run = (more: object) =>
        search({ device, wgsl, box, method, components: 2, samples: 16, waves: 1, iterations: 12, ...more } as SearchOptions);
      const checkpoint = await keptBy((more) => run({ ...more, iterations: 5 }));
      const over = await run({ checkpoint, seconds: 999 });
      expect(over.stopReasons).toEqual(['seconds']);
      expect(over.iterations).toBe(5);
      expect(over.seconds.total).toBeGreaterThan(1000);
      const whole = await run({ checkpoint, seconds: 2000 });
      expect(whole.stopReasons).toContain('iterations');
      expect(whole.seconds.total).toBeGreaterThan(1000);
      expect(whole.seconds.total).toBeLessThan(1500);
      expect(whole.summary().seconds.total).toBe(whole.seconds.total);
    });
  }

  const inversions = { gmki: gmki(), eki: eki({ particles: 30, step: 0.01 }), 'the density method gmbbvi': gmbbvi() };
  for (const [name, method] of Object.entries(inversions)) {
    it(`invert by ${name}`, async () => {
      const checkpoint = aged(await lastOf({ method, iterations: 5 }), 1000);
      const over = await runInversion({ method, checkpoint, iterations: 20, seconds: 999 });
      expect(over.stopReasons).toEqual(['seconds']);
      expect(over.iterations).toBe(5);
      for (const { total, run, compile } of [over.seconds, (await runInversion({ method, checkpoint, iterations: 12 })).seconds]) {
        expect(run).toBeGreaterThan(999);
        expect(compile).toBeLessThan(500);
        expect(total).toBeGreaterThanOrEqual(run + compile);
        expect(total).toBeLessThan(1500);
      }
    });
  }

  it('a solver: run, iterator, and what it saves in turn', async () => {
    const device = await getDevice();
    const target = { wgsl, box };
    const options = { device, components: 2, samples: 16, iterations: 40 };
    const first = await createSolver(target, method, options);
    await first.step(5);
    const young = await first.save();
    expect(decodeCheckpoint(young).seconds).toBeGreaterThan(0);
    const checkpoint = aged(young, 1000);
    first.dispose();

    const over = await createSolver(target, method, { ...options, checkpoint, seconds: 999 });
    expect(await over.run()).toMatchObject({ stopReasons: ['seconds'], iteration: 5 });
    over.dispose();
    const iterated = await createSolver(target, method, { ...options, checkpoint, seconds: 999 });
    const seen = [];
    for await (const { iteration, stopReasons } of iterated) seen.push({ iteration, stopReasons });
    expect(seen).toEqual([{ iteration: 5, stopReasons: ['seconds'] }]);
    iterated.dispose();

    const within = await createSolver(target, method, { ...options, checkpoint, seconds: 2000 });
    for await (const { iteration } of within) if (iteration > 5) break;
    expect(decodeCheckpoint(await within.save()).seconds).toBeGreaterThan(1000);
    expect((await within.run()).stopReasons).toEqual(['iterations']);
    within.dispose();
  });
});

it('a solver that has run before has so much less time; its checkpoints in mid-run know of the run', async () => {
  const device = await getDevice();
  // At a fixed temperature, so that nothing but time can end it.
  const endless = nva({ estimator: 'score', covariance: 'diagonal', schedule: 'fixed', firstTemperature: 1 });
  const solver = await createSolver({ wgsl, box }, endless, { device, components: 2, samples: 16, seconds: 0.3, iterations: 1e6 });
  let saved: Promise<Uint8Array> | undefined;
  await solver.run(() => {
    saved ??= solver.save();
  });
  expect(decodeCheckpoint((await saved)!).seconds).toBeGreaterThan(0);
  const { iteration } = solver.snapshot;
  expect((await solver.run()).stopReasons).toEqual(['seconds']);
  expect(solver.snapshot.iteration).toBe(iteration);
  const iterated = [];
  for await (const snapshot of solver) iterated.push(snapshot);
  expect(iterated).toEqual([]);
  solver.dispose();
});

it('what a lost device took along has taken its time', async () => {
  const { device, lose, onDeviceLost, close } = await losable();
  let calls = 0;
  const began = performance.now();
  const result = await minimize({
    device,
    wgsl,
    box,
    method,
    components: 2,
    samples: 16,
    waves: 1,
    iterations: 60,
    onDeviceLost,
    onProgress: async () => {
      calls++;
      if (calls !== 3) return;
      const until = performance.now() + 400;
      while (performance.now() < until);
      lose();
    },
  });
  const wall = (performance.now() - began) / 1000;
  // No checkpoint was taken: it began anew.
  expect(result.seconds.total).toBeGreaterThan(0.4);
  expect(result.seconds.total).toBeLessThanOrEqual(wall);
  close();
});

it('of an inversion that begins on its own, the total is what the clock says', async () => {
  const began = performance.now();
  const { seconds } = await invert({
    device: await getDevice(),
    wgsl: 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0]; }',
    dim: 1,
    y: [1],
    noise: 0.2,
    prior: { mean: 0, deviation: 1 },
    method: 'gmki',
    components: 2,
    iterations: 3,
  });
  expect(seconds.total).toBeLessThanOrEqual((performance.now() - began) / 1000);
});
