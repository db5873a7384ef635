/** Inversion by sigma points against published numbers, and what users may get wrong; test/method/inversion.long.test.ts has all of it. */
import { expect, it } from 'vitest';
import { problemInversion } from '../../src/cli/invert.ts';
import { dfGmvi, gmki, type InvertOptions, invert } from '../../src/index.ts';
import { planeInversions } from '../../src/problems/inversion-plane.ts';
import { bimodalInversion, quadraticInversion } from '../../src/problems/inversion-small.ts';
import { getDevice } from '../harness/device.ts';
import { gridDistance } from './inversion-cases.ts';
import { planeDistance, quadraticDistance, quadraticIterations, quadraticTable, smallRun } from './inversion-tables.ts';

/** Starts of the published run, around the prior's mean. */
const figure = [
  [-0.03, 1.75],
  [-1.04, 0.58],
  [-0.37, 1.03],
];

const square = 'fn forward(theta: Point, y: ptr<function, Observation>) {\n  (*y)[0] = theta[0] * theta[0];\n}\n';
const quadratic = { wgsl: square, dim: 1, y: [1], noise: 0.2, prior: { mean: 3, deviation: 2 } } as const;
const run = async (options: Partial<InvertOptions>) => invert({ ...quadratic, device: await getDevice(), ...options } as InvertOptions);

it('GMKI with Gauss-Hermite nodes follows the prototype, noise 0.2, K = 2', async () => {
  const [noise, rows] = quadraticTable[0]!;
  for (const [i, iterations] of quadraticIterations.entries()) {
    const distance = await quadraticDistance(noise, 2, iterations, { exploration: 'hermite' });
    expect(Math.abs(distance - rows[1]![i]!), `L1 ${distance} at iteration ${iterations}`).toBeLessThan(0.02);
  }
});

it('GMKI: fixed points of the 1-D problem', async () => {
  const { mixture } = await smallRun(quadraticInversion(0.2), [[-2.4283140297584804], [1.7456283123426095]], 2, 40, {
    exploration: 'hermite',
  });
  const expected = [
    [0.1853, -0.9898, 0.1012],
    [0.8147, 1.005, 0.0996],
  ];
  expected.forEach(([weight, mean, deviation], k) => {
    expect(Math.abs(mixture.weights[k]! - weight!)).toBeLessThan(1e-3);
    expect(Math.abs(mixture.means[k]![0]! - mean!)).toBeLessThan(1e-3);
    expect(Math.abs(Math.sqrt(mixture.covariances[k]![0]![0]!) - deviation!)).toBeLessThan(1e-3);
  });
});

it('GMKI: both modes of the plane, published 0.1249', async () => {
  const problem = bimodalInversion('centred');
  const { mixture, modes } = await smallRun(problem, figure, 1, 30);
  expect(planeDistance(problem, mixture)).toBeLessThan(0.135);
  expect(modes).toHaveLength(2);
  for (const mode of modes) expect(Math.abs(mode.evidenceWeight - 0.5)).toBeLessThan(0.01);
});

it('DF-GMVI on the circle, where GMKI says that it fails', async () => {
  const circle = planeInversions.find(({ name }) => name === 'plane-circle')!.at(2);
  const device = await getDevice();
  const good = await invert({ ...problemInversion(circle), device, method: dfGmvi(), components: 40, iterations: 100, seed: 1 });
  expect(gridDistance(circle, good.mixture)).toBeLessThan(0.125);
  expect(good.hint).toBeUndefined();
  const bad = await invert({ ...problemInversion(circle), device, method: gmki(), components: 10, iterations: 30, seed: 1 });
  expect(bad.hint).toMatch(/df-gmvi/);
  for (const numbers of [bad.mixture.weights, ...bad.mixture.means]) for (const x of numbers) expect(Number.isFinite(x)).toBe(true);
});

it('the three kinds of model give the same posterior', async () => {
  const device = await getDevice();
  const wgsl = await run({ method: 'gmki', components: 2, iterations: 8 });
  const host = await run({
    wgsl: undefined,
    host: (theta) => Float32Array.from(theta, (x) => Math.fround(x) * Math.fround(x)),
    method: 'gmki',
    components: 2,
    iterations: 8,
  } as Partial<InvertOptions>);
  expect(host.mixture).toEqual(wgsl.mixture);
  expect(host.modelRuns).toBe(wgsl.modelRuns);
  expect(wgsl.modelRuns).toBe(8 * 2 * 3 + 2);
  const code = `@group(0) @binding(0) var<storage, read> theta: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&theta)) { y[id.x] = theta[id.x] * theta[id.x]; }
}`;
  const buffers = {
    dim: 1,
    observations: 1,
    open: async () => {
      const pipeline = await device.createComputePipelineAsync({
        layout: 'auto',
        compute: { module: device.createShaderModule({ code }) },
      });
      return {
        encode: (
          { parameters, predictions, count }: { parameters: GPUBuffer; predictions: GPUBuffer; count: number },
          encoder: GPUCommandEncoder,
        ) => {
          const pass = encoder.beginComputePass();
          pass.setPipeline(pipeline);
          const entries = [parameters, predictions].map((buffer, binding) => ({ binding, resource: { buffer } }));
          pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
          pass.dispatchWorkgroups(Math.ceil(count / 64));
          pass.end();
        },
      };
    },
  };
  const passes = await run({ wgsl: undefined, buffers, method: 'gmki', components: 2, iterations: 8 } as Partial<InvertOptions>);
  expect(passes.mixture).toEqual(wgsl.mixture);
});

it('failed model runs are left out and counted; where all fail, it says so', async () => {
  const wgsl = square.replace(
    'theta[0] * theta[0]',
    'select(theta[0] * theta[0], bitcast<f32>(0x7fc00000u + u32(abs(theta[0]))), theta[0] > 4.0)',
  );
  const result = await run({ wgsl, method: 'gmki', components: 3, seed: 2 });
  expect(result.failedRuns).toBeGreaterThan(0);
  expect(result.modes[0]!.misfit).toBeLessThan(1);
  for (const { x } of result.modes) expect(Number.isFinite(x[0])).toBe(true);
  const nowhere = square.replace('theta[0] * theta[0]', 'bitcast<f32>(0x7fc00000u + u32(abs(theta[0])))');
  await expect(run({ wgsl: nowhere, method: 'gmki' })).rejects.toThrow(/none of the 9 model runs/);
});

it('parameters in physical units: a log-normal prior', async () => {
  const { modes, mixture } = await run({
    prior: { kind: 'log-normal', mean: 1, deviation: 0.5 },
    method: 'df-gmvi',
    components: 4,
    iterations: 100,
  });
  expect(modes).toHaveLength(1);
  // The posterior of v = log theta on a grid.
  const spread = Math.sqrt(Math.log(1.25));
  const grid = Array.from({ length: 4001 }, (_, i) => -3 + (4 * i) / 4000);
  const density = grid.map((v) => Math.exp(-0.5 * ((1 - Math.exp(2 * v)) / 0.2) ** 2 - 0.5 * ((v + 0.5 * spread ** 2) / spread) ** 2));
  const total = density.reduce((sum, value) => sum + value, 0);
  const mean = grid.reduce((sum, v, i) => sum + v * density[i]!, 0) / total;
  const fitted = mixture.weights.reduce((sum, weight, k) => sum + weight * mixture.means[k]![0]!, 0);
  expect(Math.abs(fitted - mean)).toBeLessThan(0.02);
  expect(modes[0]!.x[0]).toBeGreaterThan(0);
});

it.each([
  [{ y: [] }, /at least one datum/],
  [{ y: [Number.NaN] }, /datum 1 is NaN/],
  [{ noise: -1 }, /noise is -1/],
  [{ noise: [1, 2] }, /2 standard deviations, and y has 1/],
  [
    {
      y: [1, 2],
      noise: {
        covariance: [
          [1, 2],
          [2, 1],
        ],
      },
    },
    /noise.covariance is not positive definite: its smallest eigenvalue is -1/,
  ],
  [{ prior: { mean: [0, 1] } }, /2 numbers, and there are 1/],
  [
    {
      dim: 2,
      prior: {
        covariance: [
          [1, 0.5],
          [0.4, 1],
        ],
      },
    },
    /not symmetric/,
  ],
  [{ prior: { kind: 'uniform', lower: 1, upper: 0 } }, /lower must be below upper/],
  [{ method: 'gmik' }, /did you mean gmki/],
  [{ method: gmki({ exploration: 'hermite' }), dim: 3 }, /at most 2/],
  [{ iterations: 0 }, /iterations is 0/],
  [{ iteration: 5 }, /did you mean iterations/],
  [{ wgsl: 'fn forwards() {}' }, /no function `fn forward/],
  [{ wgsl: 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[3] = 1.0; }' }, /forward.wgsl:1/],
  [{ wgsl: undefined, host: () => [1, 2, 3, 4] }, /returned 4 numbers; y has 1 data, so return 30/],
] as [object, RegExp][])('bad input %#: %o', async (options, message) => {
  await expect(run(options)).rejects.toThrow(message);
});

it.each([0, 1, -0.5, Number.NaN])('a step of %d is refused', async (step) => {
  await expect(run({ method: gmki({ step }) })).rejects.toThrow(/step is/);
});

it('very small noise: no step fails, and the covariance is that of the data and prior', async () => {
  const wgsl = 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0] + theta[1]; }';
  for (const method of ['uki', 'df-gmvi'] as const) {
    const { failedSteps, mixture } = await run({
      wgsl,
      dim: 2,
      y: [1],
      noise: 1e-4,
      prior: { mean: 0, deviation: 1 },
      method,
      iterations: 40,
    });
    expect(failedSteps, method).toBe(0);
    const [[aa, ab]] = mixture.covariances[0] as [[number, number]];
    // Across the data's direction the prior is left: 1/2 (1, -1) (1, -1)^T.
    if (method === 'uki') expect(Math.abs(aa - 0.5) + Math.abs(ab + 0.5)).toBeLessThan(0.02);
  }
});

it.each([
  [{ prior: { kind: 'normal', mean: 0 } }, /deviation is missing: a normal prior has mean, deviation/],
  [{ prior: { mean: 0, sd: 5 } }, /unknown prior option "sd"/],
  [{ method: 'uki', start: { means: [[0], [1]], deviation: 1 } }, /components is 1, but start has 2 means/],
  [{ method: 'gmki', start: { means: [null], deviation: 1 } }, /start must be/],
  [{ method: 'gmki', evaluations: 5 }, /no iteration was made/],
  [{ method: 'gmbbvi', evaluations: 5 }, /no iteration was made/],
] as [object, RegExp][])('what does not fit %#', async (options, message) => {
  await expect(run(options as Partial<InvertOptions>)).rejects.toThrow(message);
});
