/** Batched Fourier transforms along an axis, rows then columns as a 2-D transform, and both directions undoing each other. */
import fc from 'fast-check';
import { gridOf } from '../../src/gpu/pipelines.ts';
import { FFT_LANES, type FftSpec, fftKernel } from '../../src/kernels/fft.ts';
import type { Cases } from '../harness/cases.ts';
import { type Complex, dft } from '../reference/fft.ts';
import { type Bench, brief, compileAll, forAll, onBench, thorough } from './kernel-run.ts';
import { Content } from './kernels-content.ts';
import { EPSILON } from './kernels-tolerance.ts';

const signs = [1, -1] as const;

const randomField = (content: Content, count: number): Float32Array<ArrayBuffer> => new Float32Array(2 * count).map(() => content.normal());

const split = (field: Float32Array): Complex => ({
  re: Float64Array.from({ length: field.length / 2 }, (_, i) => field[2 * i]),
  im: Float64Array.from({ length: field.length / 2 }, (_, i) => field[2 * i + 1]),
});

/** @param gridWidth workgroups in the first dimension: a small number tests the second */
async function transform(bench: Bench, spec: FftSpec, outer: number, inner: number, gridWidth = 65535): Promise<void> {
  const grid = gridOf(Math.ceil((outer * inner) / FFT_LANES), gridWidth);
  bench.put({ ms_lines: Uint32Array.of(outer * inner, inner, grid.x, spec.size) });
  await bench.dispatch(fftKernel(spec), grid);
}

/** The error of an FFT in the root mean square is a few units times log2 of the number of points (Higham 2002, section 24.1). */
function expectField(what: string, got: Float32Array, want: Complex, points: number): void {
  let error = 0;
  let size = 0;
  for (let i = 0; i < want.re.length; i++) {
    error += (got[2 * i] - want.re[i]) ** 2 + (got[2 * i + 1] - want.im[i]) ** 2;
    size += want.re[i] ** 2 + want.im[i] ** 2;
  }
  const relative = Math.sqrt(error / size);
  if (!(relative <= 2 * Math.log2(points) * EPSILON)) throw new Error(`${what}: off by ${relative}, relative, over ${points} points`);
}

async function lines(device: GPUDevice, size: number, outer: number, inner: number, gridWidth: number, content: number): Promise<void> {
  const field = randomField(new Content(content), outer * size * inner);
  for (const sign of signs) {
    await onBench(device, async (bench) => {
      bench.put({ ms_field: field.slice() });
      await transform(bench, { size, sign }, outer, inner, gridWidth);
      const [got] = await bench.floats('ms_field');
      expectField(`sign ${sign}`, got, dft(split(field), outer, size, inner, sign), size);
    });
  }
}

async function plane(device: GPUDevice, size: number, count: number): Promise<void> {
  const field = randomField(new Content(size), count * size * size);
  await onBench(device, async (bench) => {
    bench.put({ ms_field: field.slice() });
    await transform(bench, { size, sign: -1 }, count * size, 1);
    await transform(bench, { size, sign: -1 }, count, size);
    const [there] = await bench.floats('ms_field');
    const rows = dft(split(field), count * size, size, 1, -1);
    expectField('transform', there, dft(rows, count, size, size, -1), size * size);
    await transform(bench, { size, sign: 1 }, count, size);
    await transform(bench, { size, sign: 1 }, count * size, 1);
    const [back] = await bench.floats('ms_field');
    expectField(
      'there and back',
      back.map((value) => value / size ** 2),
      split(field),
      size ** 4,
    );
  });
}

function makeCases(sizes: readonly number[], runs: number): Cases {
  const ofLines = sizes.map((size) => [
    `lines of ${size}`,
    async (device: GPUDevice) => {
      await compileAll(
        device,
        signs.map((sign) => fftKernel({ size, sign })),
      );
      const inputs = {
        outer: fc.integer({ min: 1, max: 9 }),
        inner: fc.integer({ min: 1, max: 30 }),
        gridWidth: fc.integer({ min: 1, max: 3 }),
        content: fc.nat(),
      };
      const examples = [{ outer: 1, inner: 1, gridWidth: 1, content: 0 }];
      await forAll(runs, inputs, examples, ({ outer, inner, gridWidth, content }) => lines(device, size, outer, inner, gridWidth, content));
    },
  ]);
  const ofPlanes = sizes.filter((size) => size >= 16).map((size) => [`plane of ${size}`, (device: GPUDevice) => plane(device, size, 3)]);
  return Object.fromEntries([...ofLines, ...ofPlanes]);
}

export const cases: Cases = makeCases([2, 4, 32, 64], brief.runs);
export const longCases: Cases = makeCases([2, 4, 8, 16, 32, 64, 128], thorough.runs);
