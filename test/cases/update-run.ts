/** The update kernel on moments that lie there already, with records of the test's making. Not a case module itself. */
import {
  type ControlValues,
  type Covariance,
  controlLayout,
  field,
  momentSize,
  NO_VALUE,
  type ParamsValues,
  pack,
  pairs,
  paramsLayout,
  partSize,
  recordSize,
} from '../../src/kernels/state.ts';
import { needsScratch, type UpdateSpec, updateKernel } from '../../src/kernels/update.ts';
import type { Matrix, Vector } from '../reference/matrix.ts';
import { onBench } from './kernel-run.ts';
import { defaultControl, defaultParams, liveCounts, packMatrix, type TestMixture, unpackMatrix } from './kernels-content.ts';
import { expectEqual, expectSame } from './kernels-tolerance.ts';

/** What one component comes with: its moments, entries of its record, and how many of its samples were usable. */
export interface Given {
  g: Vector;
  G: Matrix;
  record?: Readonly<Partial<Record<keyof typeof field, number>>>;
  usable?: number;
}

export interface Outcome {
  old: Float32Array;
  record: Float32Array;
  mean: Vector;
  factor: Matrix;
  inverse: Matrix;
  /** Throws unless mean, factor and what follows from them are what they were. */
  expectUnchanged(where: string): void;
}

export function fittedSpec(dim: number, covariance: Covariance, step: UpdateSpec['step'], more: Partial<UpdateSpec> = {}): UpdateSpec {
  return { dim, covariance, step, meanBy: 'new', size: 'own', divisor: 'count', leaves: 1, fitted: true, ...more };
}

/** One outcome for each component, also for those beyond `live`. */
export async function updateFitted(
  device: GPUDevice,
  spec: UpdateSpec,
  mixture: TestMixture,
  given: readonly Given[],
  {
    control = {},
    params = {},
    live = given.length,
  }: { control?: Partial<ControlValues>; params?: Partial<ParamsValues>; live?: number } = {},
): Promise<Outcome[]> {
  const { dim, covariance } = spec;
  const components = given.length;
  const size = recordSize(dim);
  const kept = pairs(dim, covariance);
  const part = partSize(dim, covariance);
  const records = mixture.records.slice();
  const parts = new Float32Array(components * part);
  const moments = new Float32Array(components * momentSize(dim, covariance));
  given.forEach(({ g, G, record = {}, usable = 100 }, k) => {
    for (const [name, value] of Object.entries(record)) records[k * size + field[name as keyof typeof field]] = value;
    parts.set([usable, usable, usable, 0, 0, 0, NO_VALUE], k * part);
    moments.set([...g, ...packMatrix(G, covariance)], k * momentSize(dim, covariance));
  });
  return onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, {
        ...defaultControl,
        ...liveCounts({ components: live, samples: 100, leaves: 1 }),
        ...control,
      }),
      ms_params: pack(paramsLayout, { ...defaultParams, components: live, samples: 100, leaves: 1, ...params }),
      ms_parts: parts,
      ms_components: records,
      ms_factors: mixture.factors,
      ms_moments: moments,
      ...(needsScratch(spec) ? { ms_scratch: components * kept } : {}),
    });
    await bench.dispatch(updateKernel(spec), components);
    const [after, factors, left] = await bench.floats('ms_components', 'ms_factors', 'ms_moments');
    expectSame('moments', new Uint32Array(left.buffer, 0, moments.length), new Uint32Array(moments.buffer));
    return given.map((_, k) => {
      const old = records.subarray(k * size, (k + 1) * size);
      const record = after.subarray(k * size, (k + 1) * size);
      return {
        old,
        record,
        mean: Array.from(record.subarray(field.mean, field.mean + dim)),
        factor: unpackMatrix(factors, dim, covariance, false, 2 * k * kept),
        inverse: unpackMatrix(factors, dim, covariance, false, (2 * k + 1) * kept),
        expectUnchanged: (where) => {
          const own = (all: Float32Array) => all.subarray(2 * k * kept, 2 * (k + 1) * kept);
          expectSame(`factors of ${where}`, own(factors), own(mixture.factors));
          const untouched = [field.logWeight, field.logNorm, field.deviation, ...Array.from({ length: dim }, (_, i) => field.mean + i)];
          for (const at of untouched) expectEqual(`record entry ${at} of ${where}`, record[at], old[at]);
        },
      };
    });
  });
}
