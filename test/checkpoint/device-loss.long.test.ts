/** Whole searches, fits and inversions on devices that are lost, and devices that are lost again and again. */
import { describe, expect, it } from 'vitest';
import { problemInversion } from '../../src/cli/invert.ts';
import { createSolver, DeviceLostError, gmki, invert, minimize, nva, type SearchOptions, sample } from '../../src/index.ts';
import { himmelblau } from '../../src/problems/himmelblau.ts';
import { bimodalInversion } from '../../src/problems/inversion-small.ts';
import { getDevice } from '../harness/device.ts';
import { losable } from './losable.ts';
import { timeless } from './results.ts';
import { bitsOf, makeSolver, solverCases } from './solver-runs.ts';

const { wgsl, box } = himmelblau.at();

describe('onDeviceLost', () => {
  it('a solver between two steps', async () => {
    const run = solverCases['NVA (Stein)']!;
    const whole = await makeSolver(run);
    await whole.step(20);
    const { device, lose, onDeviceLost, close } = await losable();
    const solver = await createSolver(run.target, run.method, { ...run.options, device, onDeviceLost });
    await solver.step(12);
    lose();
    await solver.step(8);
    expect((await bitsOf(solver)) === (await bitsOf(whole))).toBe(true);
    for (const one of [whole, solver]) one.dispose();
    close();
  });

  it('minimize, in annealing and in polishing; sample; invert', async () => {
    const runs: [string, (more: object) => Promise<object>][] = [
      ['minimize', (more) => minimize({ wgsl, box, evaluations: 20_000, ...more } as SearchOptions)],
      [
        'sample',
        (more) =>
          sample({ wgsl: `${wgsl}`, box, method: nva({ temperatureFloor: 1 }), components: 4, iterations: 60, ...more } as SearchOptions),
      ],
      [
        'invert',
        (more) => invert({ ...problemInversion(bimodalInversion('centred')), method: gmki(), components: 3, iterations: 40, ...more }),
      ],
    ];
    for (const [name, run] of runs) {
      const whole = timeless(await run({ device: await getDevice() }));
      const { device, lose, onDeviceLost, opened, close } = await losable();
      let calls = 0;
      const result = await run({
        device,
        onDeviceLost,
        checkpointEvery: 0,
        onProgress: () => {
          calls++;
          if (calls === 3 || calls === 8) lose();
        },
      });
      expect(opened.length, name).toBeGreaterThan(1);
      expect(timeless(result), name).toEqual(whole);
      close();
    }
  });

  it('a run that loses every device gives up', async () => {
    const { device, onDeviceLost, opened, lose, close } = await losable();
    const run = minimize({ device, wgsl, box, waves: 1, iterations: 200, onDeviceLost, checkpointEvery: 1000, onProgress: () => lose() });
    await expect(run).rejects.toBeInstanceOf(DeviceLostError);
    expect(opened.length).toBeLessThan(8);
    close();
  });
});
