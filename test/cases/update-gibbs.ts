/** The Gibbs limit (formulas/nva.md 2.1, 8 iv): on a quadratic objective, Sigma times the curvature tends to omega. */
import { controlKernel } from '../../src/kernels/control.ts';
import { momentsKernel } from '../../src/kernels/moments.ts';
import { sampleKernel } from '../../src/kernels/sample.ts';
import {
  chunkLayout,
  controlLayout,
  field,
  pack,
  pairs,
  paramsLayout,
  partSize,
  TRACE_ROW,
  TRACE_ROWS,
  unpack,
} from '../../src/kernels/state.ts';
import { updateKernel } from '../../src/kernels/update.ts';
import type { Cases } from '../harness/cases.ts';
import { multiply, transpose } from '../reference/matrix.ts';
import { onBench } from './kernel-run.ts';
import {
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  liveCounts,
  randomMixture,
  unpackMatrix,
  wholeRectangle,
} from './kernels-content.ts';
import { expectEqual, expectNear } from './kernels-tolerance.ts';

const dim = 3;
const curvature = [
  [4, 1, 0.5],
  [1, 3, -0.5],
  [0.5, -0.5, 2],
];
const quadratic = `fn objective(x: Point) -> f32 {
  var g: Point;
  return value_and_gradient(x, &g);
}
fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  (*gradient)[0] = -(4.0 * x[0] + x[1] + 0.5 * x[2]);
  (*gradient)[1] = -(x[0] + 3.0 * x[1] - 0.5 * x[2]);
  (*gradient)[2] = -(0.5 * x[0] - 0.5 * x[1] + 2.0 * x[2]);
  return 0.5 * (x[0] * (*gradient)[0] + x[1] * (*gradient)[1] + x[2] * (*gradient)[2]);
}
fn hessian(x: Point, h: ptr<function, Hessian>) {
  let rows = array<f32, 9>(-4.0, -1.0, -0.5, -1.0, -3.0, 0.5, -0.5, 0.5, -2.0);
  for (var i = 0u; i < 9u; i++) { (*h)[i] = rows[i]; }
}
`;

export const cases: Cases = {
  'Sigma times the curvature tends to the temperature': async (device) => {
    const temperature = 0.25;
    const samples = 32;
    const mixture = randomMixture(new Content(5), dim, 1, 'full');
    const spec = { dim, covariance: 'full' } as const;
    const objective = { user: { file: 'quadratic.wgsl', text: quadratic }, data: [], sense: 1 } as const;
    const kernels = [
      sampleKernel({ ...spec, derivatives: 'hessian', boundary: 'none', objective }),
      momentsKernel({ ...spec, estimator: 'hessian', sharedBatch: false, leafSize: samples }),
      updateKernel({ ...spec, step: 'iblr', meanBy: 'new', divisor: 'count', leaves: 1 }),
      controlKernel({ dim, temperature: 'geometric', sharedBatch: false, components: 1, weighing: { kind: 'rate' } }),
    ];
    const kept = pairs(dim, 'full');
    await onBench(device, async (bench) => {
      bench.put({
        ms_control: pack(controlLayout, {
          ...defaultControl,
          ...liveCounts({ components: 1, samples, leaves: 1 }),
          temperature,
          first_temperature: temperature,
        }),
        // eta = rho omega = 0.3: the distance to the limit shrinks to about 0.7 an iteration, to 5e-10 in 60.
        ms_params: pack(paramsLayout, { ...defaultParams, samples, evaluations_per_iteration: samples, rate: 0.3 / temperature }),
        ms_chunk: pack(chunkLayout, chunkOf(wholeRectangle(1, 1), samples, 1).values),
        ms_box: Float32Array.from([-1, 1, 2, 0, -1, 1, 2, 0, -1, 1, 2, 0]),
        ms_components: mixture.records,
        ms_factors: mixture.factors,
        ms_values: 4 * samples,
        ms_eps: dim * samples,
        ms_slopes: (dim + kept) * samples,
        ms_parts: partSize(dim, 'full'),
        ms_moments: dim + kept,
        ms_trace: TRACE_ROWS * TRACE_ROW,
      });
      for (let iteration = 0; iteration < 60; iteration++) for (const kernel of kernels) await bench.dispatch(kernel, 1);
      const control = unpack(controlLayout, (await bench.bytes('ms_control'))[0]);
      expectEqual('iterations', control.iteration, 60);
      expectEqual('evaluations', control.evaluations, 60 * samples);
      expectEqual('failures', control.failures, 0);
      const [factors, record] = await bench.floats('ms_factors', 'ms_components');
      const factor = unpackMatrix(factors, dim, 'full', false);
      // The estimator is exact here (f is quadratic), so what remains is rounding: about 1e-5 of a number near 1.
      multiply(multiply(factor, transpose(factor)), curvature).forEach((row, i) => {
        row.forEach((entry, j) => {
          expectNear(`Sigma curvature / omega (${i}, ${j})`, entry / temperature, i === j ? 1 : 0, 3e-5);
        });
        expectNear(`mean ${i}`, record[field.mean + i], 0, 3e-5);
      });
    });
  },
};
