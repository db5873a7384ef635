/** Solvers of the GMMVI family, saved and restored. */
import { describe, expect, it } from 'vitest';
import { bitsOf, makeSolver, resumesAlike, solverCases } from './solver-runs.ts';

it('SAMTRON resumed after 1, 7 and 50 iterations ends with the same bits', () => resumesAlike(solverCases.SAMTRON!));

it('its checkpoint stays compact', async () => {
  const solver = await makeSolver(solverCases.SAMTRON!);
  await solver.step(20);
  expect((await solver.save()).length).toBeLessThan(100_000);
  solver.dispose();
});

describe('budgets of a resumed run count from its start', () => {
  for (const name of ['NVA (Stein)', 'SAMTRON']) {
    it(`${name}: iterations`, async () => {
      const run = solverCases[name]!;
      const whole = await makeSolver(run, { iterations: 24 });
      const first = await makeSolver(run, { iterations: 8 });
      await Promise.all([whole.run(), first.run()]);
      expect(first.snapshot.stopReasons).toEqual(['iterations']);
      const checkpoint = await first.save();
      const again = await makeSolver(run, { iterations: 8, checkpoint });
      expect(again.snapshot).toEqual(first.snapshot);
      const second = await makeSolver(run, { iterations: 24, checkpoint });
      expect(second.snapshot.stopReasons).toEqual([]);
      await second.run();
      expect((await bitsOf(second)) === (await bitsOf(whole))).toBe(true);
      for (const solver of [whole, first, again, second]) solver.dispose();
    });

    it(`${name}: evaluations`, async () => {
      const run = solverCases[name]!;
      const whole = await makeSolver(run, { evaluations: 1600 });
      const first = await makeSolver(run, { evaluations: 700 });
      await Promise.all([whole.run(), first.run()]);
      expect(first.snapshot.stopReasons).toEqual(['evaluations']);
      const second = await makeSolver(run, { evaluations: 1600, checkpoint: await first.save() });
      await second.run();
      expect((await bitsOf(second)) === (await bitsOf(whole))).toBe(true);
      for (const solver of [whole, first, second]) solver.dispose();
    });
  }
});
