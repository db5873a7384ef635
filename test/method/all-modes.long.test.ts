/** The search finds all modes by itself, with the defaults, and reports nothing that is not a mode. */
import { expect, it } from 'vitest';
import { minimize } from '../../src/index.ts';
import { findProblem } from '../../src/problems/index.ts';
import { getDevice } from '../harness/device.ts';

const SEEDS = 20;

it.each([
  ['himmelblau', undefined, 4],
  ['styblinski-tang', 4, 16],
] as const)('%s: all modes in at least 19 of 20 seeds', async (name, dimension, count) => {
  const device = await getDevice();
  const problem = findProblem(name)!.at(dimension);
  const known = problem.known!.modes;
  expect(known).toHaveLength(count);
  const is = (x: readonly number[], mode: readonly number[]) => x.every((v, i) => Math.abs(v - mode[i]!) < 1e-2);
  let complete = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const { modes } = await minimize({ device, wgsl: problem.wgsl, box: problem.box, seed });
    for (const { x } of modes)
      expect(
        known.filter((mode) => is(x, mode)),
        `seed ${seed}: ${x} is not a mode`,
      ).toHaveLength(1);
    expect(modes.length, `seed ${seed}: a mode is listed twice`).toBeLessThanOrEqual(count);
    if (modes.length === count) complete++;
  }
  console.log(`${name}: all ${count} modes in ${complete} of ${SEEDS} seeds`);
  expect(complete).toBeGreaterThanOrEqual(19);
});
