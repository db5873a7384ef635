/** Mixture density at given points: log q, its gradient, responsibilities. */
import fc from 'fast-check';
import { gridOf } from '../../src/gpu/pipelines.ts';
import { mixtureDensityKernel } from '../../src/kernels/mixture-density.ts';
import { batchLayout, type Covariance, LANES, pack } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { gradLogDensity, logDensity, responsibilities } from '../reference/mixture.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, randomMixture, type TestMixture } from './kernels-content.ts';
import { densityBounds, expectNear, expectVector } from './kernels-tolerance.ts';

async function evaluate(device: GPUDevice, mixture: TestMixture, points: number[][], gridWidth: number) {
  const { dim, covariance, components } = mixture;
  const grid = gridOf(Math.ceil(points.length / LANES), gridWidth);
  return onBench(device, async (bench) => {
    bench.put({
      ms_batch: pack(batchLayout, { count: points.length, grid_width: grid.x, components: components.length, spare: 0 }),
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_points: Float32Array.from(points.flat()),
      ms_results: points.length,
      ms_gradients: points.length * dim,
      ms_responsibilities: points.length * components.length,
    });
    await bench.dispatch(mixtureDensityKernel({ dim, covariance }), grid);
    const [values, gradients, shares] = await bench.floats('ms_results', 'ms_gradients', 'ms_responsibilities');
    return { values, gradients, shares };
  });
}

/** Points near components (where gradients cancel) and far from all of them (where densities underflow). */
function somePoints(content: Content, mixture: TestMixture, count: number): number[][] {
  return Array.from({ length: count }, () => {
    const near = mixture.components[content.integer(mixture.components.length)];
    const reach = content.chance(0.2) ? 3 : 0.3;
    return near.mean.map((entry) => Math.fround(entry + content.normal(reach)));
  });
}

function check(mixture: TestMixture, points: number[][], got: Awaited<ReturnType<typeof evaluate>>): void {
  const { dim, components } = mixture;
  points.forEach((x, n) => {
    const bounds = densityBounds(mixture, x);
    expectNear(`log q of point ${n}`, got.values[n], logDensity(components, x), bounds.logQ);
    const gradient = got.gradients.subarray(n * dim, (n + 1) * dim);
    expectVector(`gradient of point ${n}`, gradient, gradLogDensity(components, x), bounds.gradient);
    const shares = got.shares.subarray(n * components.length, (n + 1) * components.length);
    expectVector(`responsibilities of point ${n}`, shares, responsibilities(components, x), bounds.responsibilities);
  });
}

function makeCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.flatMap((dim) =>
      (['full', 'diagonal'] as const).map((covariance: Covariance) => [
        `mixture density, ${covariance}, d = ${dim}`,
        async (device: GPUDevice) => {
          await compileAll(device, [mixtureDensityKernel({ dim, covariance })]);
          const inputs = {
            components: fc.integer({ min: 1, max: dim > WIDE ? 5 : 33 }),
            points: fc.integer({ min: 1, max: dim > WIDE ? 10 : 150 }),
            gridWidth: fc.integer({ min: 2, max: 5 }),
            content: fc.nat(),
          };
          const alone = { components: 1, points: 67, gridWidth: 2, content: 1 };
          await forAll(runs, inputs, [alone], async ({ components, points, gridWidth, content }) => {
            const random = new Content(content);
            const mixture = randomMixture(random, dim, components, covariance);
            const at = somePoints(random, mixture, points);
            check(mixture, at, await evaluate(device, mixture, at, gridWidth));
          });
        },
      ]),
    ),
  );
}

export const cases = makeCases(brief);
export const longCases = makeCases(thorough);
