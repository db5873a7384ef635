/** How many samples an invocation takes, by the rule and where a run is tuned: no more than WGSL's variables hold. */
import { describe, expect, it } from 'vitest';
import { nva } from '../../src/index.ts';
import { readTarget } from '../../src/objective/objective.ts';
import { alternatives } from '../../src/run/admissible.ts';
import { planRun } from '../../src/run/plan-run.ts';
import { chooseVariants } from '../../src/run/variants.ts';

const device = { limits: { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 } } as GPUDevice;
const wgsl = 'fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 { (*gradient)[0] = 1.0; return x[0]; }';

/** Bytes of two groups of points, padded to fours. */
const bytes = (size: number, dim: number): number => 2 * 4 * size * 4 * Math.ceil(dim / 4);

async function work(dim: number, samples: number) {
  const objective = readTarget({ wgsl, box: [-1, 1], dim }, 'minimize');
  const method = nva().resolve({ derivatives: objective.derivatives, dim });
  const { plan, capacity } = await planRun(device, objective, method, { components: 2, samples, seed: 0 });
  return { method, objective, plan, capacity };
}

describe('samples an invocation takes', () => {
  it.each([
    [4, 4],
    [5, 8],
    [10, 8],
    [11, 4],
    [16, 4],
    [17, 4],
    [252, 4],
    [253, 2],
    [504, 2],
    [505, 1],
    [512, 1],
  ])('in %i dimensions: %i', async (dim, size) => {
    const { method, objective, plan, capacity } = await work(dim, 256);
    expect(chooseVariants(method, objective, plan, capacity).grouping.size).toBe(size);
  });

  it('one where a component has few', async () => {
    const { method, objective, plan, capacity } = await work(300, 8);
    expect(chooseVariants(method, objective, plan, capacity).grouping.size).toBe(1);
  });

  it.each([1, 16, 124, 125, 126, 252, 253, 504, 505])('fit the variables of a function, tuned too, in %i dimensions', async (dim) => {
    const all = await work(dim, 256);
    const rule = chooseVariants(all.method, all.objective, all.plan, all.capacity);
    const sizes = alternatives(all).flatMap((others) => others(rule).map(({ grouping }) => grouping.size));
    expect(sizes).toContain(rule.grouping.size);
    for (const size of sizes.filter((each) => each > 1)) expect(bytes(size, dim)).toBeLessThan(8192 - 64);
  });
});
