/** Components' parameters in vectors of four: exact copies in the order of either layout, zeros between. */
import fc from 'fast-check';
import { packedVectors } from '../../src/kernels/compose.ts';
import { MAX_UNROLLED_DIM } from '../../src/kernels/factor-unrolled.ts';
import { packKernel } from '../../src/kernels/pack.ts';
import { controlLayout, field, pack, pairs, recordSize } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, defaultControl } from './kernels-content.ts';
import { expectSame } from './kernels-tolerance.ts';

const UNTOUCHED = 12345;

/** Head, mean and L^-1 by rows; or the head alone, the mean by fours, and L^-1 in blocks of 4 x 4 by rows of blocks. */
function packed(dim: number, record: Float32Array, inverse: Float32Array): number[] {
  const head = [record[field.logNorm], record[field.logWeight], record[field.logShare]];
  const mean = Array.from(record.subarray(field.mean, field.mean + dim));
  if (dim <= MAX_UNROLLED_DIM) {
    const numbers = [...head, ...mean, ...inverse];
    return [...numbers, ...new Array<number>((4 - (numbers.length % 4)) % 4).fill(0)];
  }
  const blocks = Math.ceil(dim / 4);
  const numbers = [...head, 0, ...mean, ...new Array<number>(4 * blocks - dim).fill(0)];
  for (let g = 0; g < blocks; g++) {
    for (let c = 0; c <= g; c++) {
      for (let i = 4 * g; i < 4 * g + 4; i++) {
        for (let j = 4 * c; j < 4 * c + 4; j++) numbers.push(i < dim && j <= i ? inverse[(i * (i + 1)) / 2 + j] : 0);
      }
    }
  }
  return numbers;
}

async function packProperty(device: GPUDevice, dim: number, count: number, content: number): Promise<void> {
  const random = new Content(content);
  // Every number of a record and a factor is another: one that is copied from next door is seen.
  const records = new Float32Array(count * recordSize(dim)).map(() => random.normal());
  const kept = pairs(dim, 'full');
  const factors = new Float32Array(2 * count * kept).map(() => random.normal());
  const live = 1 + random.integer(count);
  const length = 4 * packedVectors(dim);
  const before = new Float32Array(count * length).fill(UNTOUCHED);
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, { ...defaultControl, components: live }),
      ms_components: records,
      ms_factors: factors,
      ms_packed: before,
    });
    await bench.dispatch(packKernel({ dim }), count);
    const [got] = await bench.floats('ms_packed');
    for (let k = 0; k < count; k++) {
      const record = records.subarray(k * recordSize(dim), (k + 1) * recordSize(dim));
      const inverse = factors.subarray((2 * k + 1) * kept, (2 * k + 2) * kept);
      const want = k < live ? packed(dim, record, inverse) : new Array<number>(length).fill(UNTOUCHED);
      expectSame(`component ${k} of ${live}`, got.subarray(k * length, (k + 1) * length), want);
    }
    bench.put({ ms_control: pack(controlLayout, { ...defaultControl, components: count, stop: 1 }), ms_packed: before });
    await bench.dispatch(packKernel({ dim }), count);
    expectSame('packed after the stop', (await bench.floats('ms_packed'))[0], before);
  });
}

function makeCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `pack, d = ${dim}`,
      async (device: GPUDevice) => {
        await compileAll(device, [packKernel({ dim })]);
        const inputs = { count: fc.integer({ min: 1, max: dim > WIDE ? 3 : 9 }), content: fc.nat() };
        await forAll(runs, inputs, [{ count: 1, content: 0 }], ({ count, content }) => packProperty(device, dim, count, content));
      },
    ]),
  );
}

const briefDims = [1, 2, 3, 4, 7, MAX_UNROLLED_DIM, MAX_UNROLLED_DIM + 1, 20, 33, 100];

export const cases: Cases = {
  ...makeCases({ dims: briefDims, runs: 4, every: false }),
  'pack, d = 512': (device) => packProperty(device, 512, 2, 5),
};
export const longCases = makeCases({ ...thorough, dims: [...thorough.dims, 255, 256] });
