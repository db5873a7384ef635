/** A solver that is saved and restored goes on with the same bits. */
import { describe, expect, it } from 'vitest';
import { createSolver } from '../../src/index.ts';
import { getDevice } from '../harness/device.ts';
import { bitsOf, makeSolver, resumesAlike, solverCases } from './solver-runs.ts';

describe('a solver resumed after 1, 7 and 50 iterations ends with the same bits', () => {
  it('NVA (Stein)', () => resumesAlike(solverCases['NVA (Stein)']!));
});

describe('save and restore', () => {
  const run = solverCases['NVA (Stein)']!;

  it('in JSON as in bytes, and into the same solver', async () => {
    const solver = await makeSolver(run);
    await solver.step(5);
    const json = await solver.save('json');
    expect(JSON.parse(json).format).toBe('modescape checkpoint');
    const before = await bitsOf(solver);
    await solver.step(5);
    const after = await bitsOf(solver);
    await solver.restore(json);
    expect((await bitsOf(solver)) === before).toBe(true);
    await solver.step(5);
    expect((await bitsOf(solver)) === after).toBe(true);
    solver.dispose();
  });

  it('during a run, between its submits', async () => {
    const solver = await makeSolver(run, { iterations: 150 });
    const running = solver.run();
    const checkpoint = await solver.save();
    await running;
    const resumed = await makeSolver(run, { iterations: 150, checkpoint });
    expect(resumed.snapshot.iteration).toBeLessThan(150);
    await resumed.run();
    expect((await bitsOf(resumed)) === (await bitsOf(solver))).toBe(true);
    solver.dispose();
    resumed.dispose();
  });

  it('of a solver that is asked and told', async () => {
    const device = await getDevice();
    const { nva } = await import('../../src/index.ts');
    const method = nva({ estimator: 'score', firstTemperature: 5 });
    const target = {
      box: [
        [-2, 2],
        [-2, 2],
      ] as [number, number][],
    };
    const value = (points: Float64Array) =>
      Array.from({ length: points.length / 2 }, (_, i) => (points[2 * i]! ** 2 - 1) ** 2 + points[2 * i + 1]! ** 2);
    const advance = async (solver: Awaited<ReturnType<typeof createSolver>>, times: number) => {
      for (let t = 0; t < times; t++) await solver.tell(value((await solver.ask()).points));
    };
    const first = await createSolver(target, method, { device, components: 2, samples: 16, seed: 4 });
    await advance(first, 3);
    const checkpoint = await first.save();
    const asked = first.ask();
    await asked;
    await expect(first.save()).rejects.toThrow(/tell\(\)/);
    await first.tell(value((await asked).points));
    await advance(first, 3);
    const second = await createSolver(target, method, { device, checkpoint });
    await advance(second, 4);
    expect(second.snapshot).toEqual(first.snapshot);
    first.dispose();
    second.dispose();
  });

  it('another objective, method, shape or seed is told by its name', async () => {
    const solver = await makeSolver(run);
    await solver.step(2);
    const checkpoint = await solver.save();
    solver.dispose();
    const { nva } = await import('../../src/index.ts');
    const others: [Parameters<typeof makeSolver>[0], RegExp][] = [
      [{ ...run, target: { ...run.target, wgsl: `${run.target.wgsl} ` } }, /objective is another/],
      [{ ...run, target: { ...run.target, sense: 'maximize' } }, /sense is minimize there and maximize here/],
      [{ ...run, target: { ...run.target, box: [-4, 4], dim: 3 } }, /box is another/],
      [{ ...run, method: nva({ cooling: 0.123 }) }, /method\.\S*cooling is .* there and 0\.123 here/],
      [{ ...run, options: { ...run.options, components: 6 } }, /components is 5 there and 6 here/],
      [{ ...run, options: { ...run.options, seed: 12 } }, /seed is 11 there and 12 here/],
    ];
    for (const [other, message] of others) {
      await expect(makeSolver(other, { checkpoint })).rejects.toMatchObject({ name: 'CheckpointError', fault: 'other run' });
      await expect(makeSolver(other, { checkpoint })).rejects.toThrow(message);
    }
  });

  it('stays compact', async () => {
    const solver = await makeSolver(run);
    await solver.step(20);
    expect((await solver.save()).length).toBeLessThan(12_000);
    solver.dispose();
  });
});
