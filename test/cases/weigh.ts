/** Weights that follow the flow: log w += rate (F - sum w F), and the floor exactly. */
import fc from 'fast-check';
import { type ControlSpec, controlKernel } from '../../src/kernels/control.ts';
import { controlLayout, field, NO_VALUE, pack, paramsLayout, recordSize, TRACE_ROW, TRACE_ROWS } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { sum } from '../reference/matrix.ts';
import { flooredWeights, flowedWeights } from '../reference/weigh.ts';
import { compileAll, type Effort, forAll, onBench } from './kernel-run.ts';
import { Content, defaultControl, defaultParams, liveCounts } from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear } from './kernels-tolerance.ts';

const specOf = (components: number): ControlSpec => ({
  dim: 2,
  temperature: 'geometric',
  sharedBatch: false,
  components,
  weighing: { kind: 'exact' },
});

async function weighProperty(device: GPUDevice, { components, content }: { components: number; content: number }): Promise<void> {
  const random = new Content(content);
  const spread = 10 ** random.uniform(-1, 2);
  // Some far below the floor already.
  const logits = random.vector(components, () => random.normal(random.chance(0.2) ? 20 : 2));
  const total = Math.log(sum(logits.map(Math.exp)));
  const common = random.uniform(0, 1);
  // A constant of the objective's, which is not to matter.
  const constant = random.chance(0.5) ? 0 : random.normal(1e3);
  const before = logits.map((logit) => ({
    logWeight: Math.fround(logit - total),
    value: Math.fround(constant + random.normal(spread)),
    rate: random.chance(0.5) ? common : random.uniform(0, 1),
    usable: random.chance(0.1) ? 0 : 5,
  }));
  const floor = Math.fround([1e-8, 1e-3, 0.4][random.integer(3)]);
  const size = recordSize(2);
  const records = new Float32Array(components * size);
  before.forEach((own, k) => {
    for (const name of ['logWeight', 'value', 'rate', 'usable'] as const) records[k * size + field[name]] = own[name];
    records[k * size + field.best] = NO_VALUE;
  });
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, { ...defaultControl, ...liveCounts({ components, samples: 5, leaves: 1 }) }),
      ms_params: pack(paramsLayout, { ...defaultParams, components, samples: 5, weight_ratio: 1, weight_floor: floor }),
      ms_components: records,
      ms_trace: TRACE_ROWS * TRACE_ROW,
    });
    await bench.dispatch(controlKernel(specOf(components)), 1);
    const [after] = await bench.floats('ms_components');
    const got = before.map((_, k) => after[k * size + field.logWeight]);
    // Means of K values, and logarithms that are off by 2^-21.
    const largest = Math.max(...before.map(({ value }) => Math.abs(value - constant)));
    const error = 8 * (components + 16) * EPSILON * (largest + 10) + 4 * EPSILON * Math.abs(constant) + 4e-6;
    expectNear('sum of the weights', sum(got.map(Math.exp)), 1, 4e-6 + components * EPSILON);
    const flowed = flowedWeights(before);
    const least = Math.log(Math.min(floor, 0.5 / components));
    // Of a weight within rounding of the floor either may be right, and it moves the others by its own size.
    const undecided = flowed.filter((log) => Math.abs(log - least) <= error).length;
    const want = flooredWeights(flowed, Math.exp(least));
    want.forEach((log, k) => {
      const slack = error + 2 * undecided * Math.exp(least) + 2 * EPSILON * Math.abs(log);
      expectNear(`log weight ${k} of ${components}`, got[k], log, slack);
      if (flowed[k] < least - error) expectNear(`floored weight ${k}`, got[k], least, 2e-6 * (1 + Math.abs(least)));
    });
    for (let i = 0; i < after.length; i++) {
      if (i % size !== field.logWeight) expectEqual(`record entry ${i}`, after[i], records[i]);
    }
  });
}

function makeCases({ runs }: Pick<Effort, 'runs'>): Cases {
  return {
    'exact weights': async (device) => {
      await compileAll(device, [specOf(2), specOf(200)].map(controlKernel));
      const inputs = { components: fc.integer({ min: 1, max: 200 }), content: fc.nat() };
      await forAll(4 * runs, inputs, [{ components: 1, content: 1 }], (sizes) => weighProperty(device, sizes));
    },
    'more components than lanes': (device) => weighProperty(device, { components: 1024, content: 5 }),
  };
}

export const cases: Cases = makeCases({ runs: 8 });
export const longCases: Cases = makeCases({ runs: 40 });
