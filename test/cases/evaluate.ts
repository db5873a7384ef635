/** The objective at given points: raw values and gradients, in the user's coordinates and sign. */
import fc from 'fast-check';
import { gridOf } from '../../src/gpu/pipelines.ts';
import { evaluateKernel } from '../../src/kernels/evaluate.ts';
import { batchLayout, LANES, pack } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough } from './kernel-run.ts';
import { Content } from './kernels-content.ts';
import { objectiveBounds, testObjective, testObjectiveText } from './kernels-objective.ts';
import { EPSILON, expectNear } from './kernels-tolerance.ts';

function makeCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `evaluate, d = ${dim}`,
      async (device: GPUDevice) => {
        const whole = testObjectiveText(dim, -1);
        // Where the user's text has no `objective`, values come from `value_and_gradient`.
        const text = whole.user!.text.replace('fn objective', 'fn inner').replace('return objective', 'return inner');
        const gradientOnly = { ...whole, user: { ...whole.user!, text }, valueFromGradient: true };
        const specs = [
          { dim, gradient: true, objective: whole },
          { dim, gradient: false, objective: gradientOnly },
        ];
        await compileAll(device, specs.map(evaluateKernel));
        const inputs = { count: fc.integer({ min: 1, max: 300 }), spoiled: fc.boolean(), content: fc.nat() };
        await forAll(Math.ceil(runs / 2), inputs, [{ count: 1, spoiled: false, content: 0 }], async ({ count, spoiled, content }) => {
          const random = new Content(content);
          const objective = testObjective(random, dim, spoiled);
          const points = Array.from({ length: count }, () => random.vector(dim, () => random.uniform(-2, 2)));
          const grid = gridOf(Math.ceil(count / LANES), 2);
          // Bounds of the objective itself: a box that changes nothing, at exact points.
          const setting = {
            objective,
            sense: 1,
            boundary: 'none',
            box: points[0].map(() => [-1, 1] as const),
            firstTemperature: 1,
          } as const;
          for (const spec of specs) {
            await onBench(device, async (bench) => {
              bench.put({
                ms_batch: pack(batchLayout, { count, grid_width: grid.x, components: 0, spare: 0 }),
                ms_points: Float32Array.from(points.flat()),
                centre: Float32Array.from(objective.centre),
                bad: Float32Array.from(objective.bad),
                ms_results: count,
                ms_gradients: spec.gradient ? count * dim : 1,
              });
              await bench.dispatch(evaluateKernel(spec), grid);
              const [values, gradients] = await bench.floats('ms_results', 'ms_gradients');
              points.forEach((x, n) => {
                const bounds = objectiveBounds(
                  setting,
                  x,
                  x.map(() => 0),
                );
                const want = objective.value(x);
                // Unusable values come through as they are; which of them is the device's choice.
                if (!Number.isFinite(want)) {
                  if (Number.isFinite(values[n])) throw new Error(`value ${n} is ${values[n]}, should be ${want}`);
                } else expectNear(`value ${n}`, values[n], want, bounds.value + EPSILON * Math.abs(want));
                if (!spec.gradient) return;
                objective.gradient(x).forEach((entry, i) => {
                  if (Number.isFinite(entry)) {
                    expectNear(`gradient ${i} of ${n}`, gradients[n * dim + i], entry, bounds.gradient[i] + EPSILON * Math.abs(entry));
                  }
                });
              });
            });
          }
        });
      },
    ]),
  );
}

export const cases = makeCases(brief);
export const longCases = makeCases(thorough);
