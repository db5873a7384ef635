/** Runs under their caller's control: progress, back-pressure, pause and resume, abort, budgets of time. */
import { describe, expect, it } from 'vitest';
import {
  createSolver,
  eki,
  gmki,
  type InversionResult,
  invert,
  minimize,
  nva,
  Pause,
  type Progress,
  type SampleResult,
  sample,
} from '../../src/index.ts';
import { getDevice } from '../harness/device.ts';

const wgsl = 'fn objective(x: Point) -> f32 { return x[0] * x[0] + x[1] * x[1]; }';
const box: [number, number][] = [
  [-1, 1],
  [-1, 1],
];
const method = nva({ estimator: 'score', covariance: 'diagonal' });
const options = { method, components: 2, samples: 32 };
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const solverOf = async (more: object) =>
  createSolver({ wgsl, box }, method, { device: await getDevice(), components: 2, samples: 32, ...more });

describe('a solver', () => {
  it('iterates as fast as its reader takes snapshots, and no faster', async () => {
    const solver = await solverOf({ iterations: 60 });
    const seen: number[] = [];
    for await (const { iteration } of solver) {
      seen.push(iteration);
      await wait(20);
      // Nothing runs on while the reader is busy.
      expect(solver.trace.length).toBe(iteration);
      expect((await solver.engine.control()).iteration).toBe(iteration);
    }
    expect(seen.at(-1)).toBe(60);
    expect(seen.length).toBeGreaterThan(1);
    solver.dispose();
  });

  it('ends its iteration with the signal', async () => {
    const halt = new AbortController();
    const solver = await solverOf({ iterations: 100_000, signal: halt.signal });
    let seen = 0;
    for await (const { iteration } of solver) {
      seen = iteration;
      if (iteration >= 20) halt.abort();
    }
    expect(solver.snapshot.iteration).toBe(seen);
    solver.dispose();
  });

  it('breaking out of the loop leaves it usable', async () => {
    const solver = await solverOf({ iterations: 60 });
    for await (const { iteration } of solver) if (iteration >= 8) break;
    const before = solver.snapshot.iteration;
    expect((await solver.step(2)).iteration).toBe(before + 2);
    solver.dispose();
  });

  it('pauses between submits, steps and saves in the pause, resumes to the same end', async () => {
    const whole = await solverOf({ iterations: 300 });
    await whole.run();
    const solver = await solverOf({ iterations: 300 });
    let held = false;
    const running = solver.run(({ iteration }) => {
      if (held || iteration < 20) return;
      held = true;
      solver.pause();
    });
    while (!held) await wait(5);
    // The submits in flight come to their end.
    let made = -1;
    while (made !== solver.trace.length) {
      made = solver.trace.length;
      await wait(60);
    }
    expect(made).toBeLessThan(290);
    expect((await solver.step(1)).iteration).toBe(made + 1);
    const [two, three] = [solver.step(1), solver.step(1)];
    expect([(await two).iteration, (await three).iteration]).toEqual([made + 2, made + 3]);
    const checkpoint = await solver.save();
    await expect(solver.run()).rejects.toThrow(/already running/);
    expect(solver.paused).toBe(true);
    solver.resume();
    expect((await running).mixture).toEqual(whole.snapshot.mixture);
    expect(solver.trace).toEqual(whole.trace);
    const resumed = await solverOf({ iterations: 300, checkpoint });
    expect(resumed.snapshot.iteration).toBe(made + 3);
    expect((await resumed.run()).mixture).toEqual(whole.snapshot.mixture);
    for (const one of [whole, solver, resumed]) one.dispose();
  });

  it('a signal ends a pause', async () => {
    const halt = new AbortController();
    const solver = await solverOf({ iterations: 100_000, signal: halt.signal });
    solver.pause();
    const running = solver.run();
    await wait(20);
    halt.abort();
    expect((await running).stopReasons).toEqual(['aborted']);
    solver.dispose();
  });
});

describe('a search', () => {
  it('reports progress that never falls, and pauses', async () => {
    const pause = new Pause();
    const reports: number[] = [];
    let heldAt = 0;
    const device = await getDevice();
    const run = (more: object) => minimize({ device, wgsl, box, ...options, waves: 1, iterations: 300, ...more });
    const whole = await run({});
    const running = run({
      pause,
      onProgress: ({ iteration }: { iteration: number }) => {
        reports.push(iteration);
        if (heldAt === 0 && iteration >= 20) {
          heldAt = iteration;
          pause.begin();
        }
      },
    });
    while (!pause.on) await wait(5);
    // The submits in flight come to their end.
    let held = -1;
    while (held !== reports.length) {
      held = reports.length;
      await wait(150);
    }
    expect(reports.at(-1)).toBeLessThan(whole.iterations);
    pause.end();
    const result = await running;
    expect(result.modes).toEqual(whole.modes);
    expect([...reports].sort((a, b) => a - b)).toEqual(reports);
    expect(reports.at(-1)).toBe(result.iterations);
  });

  it('an aborted one ends with what it has', async () => {
    const halt = new AbortController();
    const result = await minimize({
      device: await getDevice(),
      wgsl,
      box,
      ...options,
      signal: halt.signal,
      onProgress: ({ iteration }) => {
        if (iteration >= 10) halt.abort();
      },
    });
    expect(result.status).toBe('aborted');
    expect(result.stopReasons).toContain('aborted');
    expect(result.mixture.means.length).toBe(2);
  });
});

describe('fits and inversions', () => {
  const inversion = {
    wgsl: 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0] * theta[0]; }',
    dim: 1,
    y: [1],
    noise: 0.2,
    prior: { mean: 3, deviation: 2 },
  };
  const runs: Record<string, (more: object) => Promise<SampleResult | InversionResult>> = {
    sample: async (more) => sample({ device: await getDevice(), wgsl, box, ...options, iterations: 300, ...more }),
    'invert by components': async (more) =>
      invert({ device: await getDevice(), ...inversion, method: gmki(), components: 2, iterations: 300, ...more }),
    'invert by particles': async (more) =>
      invert({ device: await getDevice(), ...inversion, method: eki({ particles: 20, step: 1e-3 }), iterations: 300, ...more }),
  };
  for (const [name, run] of Object.entries(runs)) {
    it(`${name}: progress, a pause, an abort`, async () => {
      const whole = await run({});
      const pause = new Pause();
      const reports: Progress[] = [];
      const running = run({
        pause,
        onProgress: (progress: Progress) => {
          if (reports.length === 2) pause.begin();
          reports.push(progress);
        },
      });
      while (!pause.on) await wait(5);
      // The submits in flight come to their end.
      let held = -1;
      while (held !== reports.length) {
        held = reports.length;
        await wait(150);
      }
      expect(reports.at(-1)!.iteration).toBeLessThan(300);
      pause.end();
      const result = await running;
      expect(result.mixture).toEqual(whole.mixture);
      expect(reports.at(-1)).toMatchObject({ iteration: 300, done: 1 });
      for (const key of ['iteration', 'evaluations', 'done'] as const) {
        const values = reports.map((progress) => progress[key]);
        expect(
          [...values].sort((a, b) => a - b),
          key,
        ).toEqual(values);
      }
      const rows = reports.flatMap((progress) => progress.rows.map(({ iteration }) => iteration));
      expect(rows).toEqual(Array.from({ length: 300 }, (_, t) => t + 1));

      const halt = new AbortController();
      const aborted = await run({
        signal: halt.signal,
        onProgress: () => halt.abort(),
      });
      expect(aborted.status).toBe('aborted');
      expect(aborted.stopReasons).toEqual(['aborted']);
      expect(aborted.iterations).toBeGreaterThan(0);
      expect(aborted.iterations).toBeLessThan(300);
      expect(aborted.mixture.means.length).toBeGreaterThan(0);
    });
  }
});
