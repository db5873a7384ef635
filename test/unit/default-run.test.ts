/**
 * What scripts/bundle-size.mjs takes for granted: a search with its defaults loads no kernel and no text beyond those of its own chunk. With
 * more than 16 dimensions it loads a kilobyte more, for factors in blocks, with more than 252 half a one, for groups of two samples; on a
 * software adapter what invocations read for each other.
 */
import { describe, expect, it } from 'vitest';
import { nva } from '../../src/index.ts';
import { MAX_UNROLLED_DIM } from '../../src/kernels/factor-unrolled.ts';
import * as blocks from '../../src/kernels/texts/blocks.ts';
import { readTarget } from '../../src/objective/objective.ts';
import { searchDefaults } from '../../src/run/defaults.ts';
import { kernelSources } from '../../src/run/kernel-sources.ts';
import { loadKernels } from '../../src/run/load-kernels.ts';
import { planRun } from '../../src/run/plan-run.ts';
import { chooseVariants } from '../../src/run/variants.ts';

const texts = {
  'a value': 'fn objective(x: Point) -> f32 { return x[0]; }',
  'a gradient': 'fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 { (*gradient)[0] = 1.0; return x[0]; }',
};
const device = { limits: { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 } } as GPUDevice;

describe.each(Object.entries(texts))('an objective with %s', (_, wgsl) => {
  it.each([1, 2, 4, 5, 16, 17, 73, 252])('in %i dimensions', async (dim) => {
    const objective = readTarget({ wgsl, box: [-1, 1], dim }, 'minimize');
    const method = nva().resolve({ derivatives: objective.derivatives, dim });
    const shape = { ...searchDefaults(dim, method), seed: 0 };
    const { plan, capacity } = await planRun(device, objective, method, shape);
    const variants = chooseVariants(method, objective, plan, capacity);
    const kernels = await loadKernels(method, objective, variants);
    expect(Object.values(kernels).filter((loaded) => loaded !== undefined)).toEqual([]);
    const sources = kernelSources(method, objective, plan, capacity, variants, kernels);
    for (const [name, { modules }] of Object.entries(sources)) {
      const loaded = modules.filter((module) => typeof module !== 'string');
      const further = dim > MAX_UNROLLED_DIM ? Object.values<string>(blocks) : [];
      for (const load of loaded) expect(further, name).toContain(await load());
    }
  });
});
