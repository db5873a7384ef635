/** How many components a run has removed and added: exactly those whose numbers come and go. */
import { expect, it } from 'vitest';
import { gmmvi, invert, sample, summaryRows, toHtml } from '../../src/index.ts';
import { field, recordSize } from '../../src/kernels/state.ts';
import { fourModes } from '../../src/problems/four-modes.ts';
import { makeSolver, solverCases } from '../checkpoint/solver-runs.ts';
import { getDevice } from '../harness/device.ts';

const { wgsl, box } = fourModes.at();
/** Components come and go. */
const method = gmmvi('SAMTRON', { addEvery: 4, removeAfter: 6, capacity: 12, reuse: 2, pastSamples: 1024 });

it('are counted one by one', async () => {
  const solver = await makeSolver(solverCases.SAMTRON!);
  const { engine } = solver;
  const record = recordSize(2);
  const numbers = async () => {
    const { control, components } = await engine.read();
    return new Set(Array.from({ length: control.components }, (_, k) => components[k * record + field.id]!));
  };
  let [removed, added] = [0, 0];
  let before = await numbers();
  expect(before.size).toBe(3);
  for (let t = 0; t < 70; t++) {
    await solver.step();
    expect(solver.trace.at(-1)).toMatchObject({ components: before.size, removed });
    const now = await numbers();
    removed += [...before].filter((id) => !now.has(id)).length;
    added += [...now].filter((id) => !before.has(id)).length;
    expect(solver.snapshot).toMatchObject({ componentsRemoved: removed, componentsAdded: added });
    before = now;
  }
  // More than the difference of the ends tells.
  expect(removed).toBeGreaterThan(0);
  expect(added).toBeGreaterThan(before.size - 3);
  solver.dispose();
});

it('stand in results, summaries and reports, also of a run that was gone on with', async () => {
  const device = await getDevice();
  let last: Uint8Array | undefined;
  const trace: { components: number; temperature: number; best: number; effectiveSampleSize: number }[] = [];
  const run = (more: object) => sample({ device, wgsl, box, method, components: 3, samples: 24, seed: 2, ...more });
  const whole = await run({ iterations: 60, onProgress: ({ rows }: { rows: typeof trace }) => trace.push(...rows) });
  const { componentsRemoved, componentsAdded, mixture } = whole;
  expect(componentsRemoved).toBeGreaterThan(0);
  expect(3 + componentsAdded - componentsRemoved).toBe(mixture.weights.length);
  const summary = whole.summary();
  expect(summary.components).toMatchObject({ started: 3, deaths: componentsRemoved, births: componentsAdded });
  const rows = summaryRows(summary);
  expect(rows.find(({ name }) => name === 'component deaths')).toMatchObject({ value: String(componentsRemoved), usual: false });
  expect(rows.find(({ name }) => name === 'components added')).toMatchObject({ value: String(componentsAdded), usual: false });
  const page = toHtml(whole, { trace });
  expect(page).toContain('<figure id="components">');
  expect(page).toMatch(new RegExp(`component deaths</th><td>${componentsRemoved}<`));

  const onCheckpoint = (checkpoint: Uint8Array) => {
    last = checkpoint;
  };
  await run({ iterations: 40, onCheckpoint });
  expect(await run({ iterations: 60, checkpoint: last! })).toMatchObject({ componentsRemoved, componentsAdded });
});

it('are none where their number is fixed', async () => {
  const result = await invert({
    device: await getDevice(),
    wgsl: 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0]; }',
    dim: 1,
    y: [1],
    noise: 0.2,
    prior: { mean: 0, deviation: 1 },
    method: 'gmki',
    components: 3,
    iterations: 3,
  });
  expect(result).toMatchObject({ componentsRemoved: 0, componentsAdded: 0 });
  expect(result.summary().components).toMatchObject({ started: 3, left: 3, deaths: 0, births: 0 });
});
