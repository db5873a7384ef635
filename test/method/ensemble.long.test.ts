/** Ensemble methods on a linear model, with errors small enough to see their bias: O(1/J) of inversion, O(h/J) of the sampler. */
import { describe, expect, it } from 'vitest';
import { stopBit } from '../../src/kernels/state.ts';
import { runLoop } from '../../src/run/loop.ts';
import { expectStandard, linearTarget, momentsOf, standardised, withEnsemble } from './ensemble-cases.ts';

describe('a linear model', () => {
  it('inversion with 300 particles ends at the posterior', async () => {
    const runs: ReturnType<typeof momentsOf>[] = [];
    for (let seed = 100; seed < 140; seed++) {
      await withEnsemble(linearTarget, 'eki', { particles: 300 }, seed, async ({ engine, physical }) => {
        const { control } = await runLoop(engine);
        expect(control.stop).toBe(stopBit.settled);
        runs.push(momentsOf(standardised(physical((await engine.read()).particles))));
      });
    }
    // Also of the gain: the data are several deviations from what the prior expects.
    expectStandard(runs, 8 / 300, 0.03);
  });

  // The adaptive step is about 0.5 here.
  it.each([
    [30, undefined, 2 * (0.5 / 30)],
    [10, 0.1, 2 * (0.1 / 10)],
    [100, 0.5, 2 * (0.5 / 100)],
  ])('the sampler with %i particles and step %s averages to the posterior', async (particles, step, bias) => {
    const runs: ReturnType<typeof momentsOf>[] = [];
    await withEnsemble(linearTarget, 'eks', { particles, step, iterations: 1e6 }, 1, async ({ engine, physical }) => {
      await runLoop(engine, { iterations: 200 });
      for (let read = 0; read < 12_000 / particles; read++) {
        await runLoop(engine, { iterations: step === 0.1 ? 20 : 5 });
        runs.push(momentsOf(standardised(physical((await engine.read()).particles))));
      }
    });
    expectStandard(runs, bias, 0.015);
  });
});
