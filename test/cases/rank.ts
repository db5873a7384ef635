/** Ranks within segments and over a whole batch: exact, ties and all; and the utilities they earn. */
import fc from 'fast-check';
import { gridOf } from '../../src/gpu/pipelines.ts';
import { rankDispatches, rankKernels, rankWords } from '../../src/kernels/rank.ts';
import { controlLayout, NO_VALUE, pack, paramsLayout } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { rankOrder, type UtilityOptions, utilities } from '../reference/rank.ts';
import { forAll, onBench } from './kernel-run.ts';
import { Content, defaultControl, defaultParams } from './kernels-content.ts';
import { EPSILON, expectSame, expectSameBits, expectVector, logError } from './kernels-tolerance.ts';

async function rank(device: GPUDevice, values: (number | undefined)[][], options: UtilityOptions): Promise<Float32Array<ArrayBuffer>> {
  const segments = values.length;
  const count = values[0].length;
  return onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, defaultControl),
      ms_params: pack(paramsLayout, {
        ...defaultParams,
        utility_offset: options.offset,
        utility_scale: options.scale,
        utility_shift: options.shift,
      }),
      // l differs from f, by which samples are ranked.
      ms_values: Float32Array.from(values.flat().flatMap((f) => (f === undefined ? [NO_VALUE, NO_VALUE, 0, 7] : [-f, f, 0, 7]))),
      ms_order: rankWords(segments, count),
    });
    for (const { step, workgroups } of rankDispatches(segments, count, 3)) {
      bench.put({ ms_step: step });
      await bench.dispatch(rankKernels({ dim: 1, count }).rank, gridOf(workgroups, 3));
    }
    return (await bench.floats('ms_values'))[0];
  });
}

/** Utilities that all differ, so that a utility tells its rank: neighbours are log((r + 1)/r) apart, hundreds of roundings. */
const telling = (count: number): UtilityOptions => ({ offset: Math.fround(Math.log(count + 1) + 1), scale: 1, shift: 0 });

async function check(device: GPUDevice, values: (number | undefined)[][], options: UtilityOptions): Promise<void> {
  const got = await rank(device, values, options);
  values.forEach((segment, s) => {
    const want = utilities(segment, options);
    const bound =
      options.scale * (logError(Math.log(segment.length)) + 2 * EPSILON * options.offset) + 2 * EPSILON * Math.abs(options.shift);
    const rows = got.subarray(4 * s * segment.length, 4 * (s + 1) * segment.length);
    // Samples without a value earn exactly nothing.
    const allowed = segment.map((value, i) => (value === undefined ? 0 : bound + EPSILON * Math.abs(want[i])));
    expectVector(
      `utilities of segment ${s}`,
      rows.filter((_, i) => i % 4 === 3),
      want,
      allowed,
    );
    expectSame(
      `f of segment ${s}`,
      rows.filter((_, i) => i % 4 === 1),
      segment.map((value) => value ?? NO_VALUE),
    );
  });
  expectSameBits('utilities again', (await rank(device, values, options)).buffer, got.buffer);
}

/** Values with many ties, of any sign and size, some missing. */
function someValues(random: Content, segments: number, count: number): (number | undefined)[][] {
  const ties = random.chance(0.5);
  const scale = 10 ** random.integer(20);
  return Array.from({ length: segments }, () =>
    Array.from({ length: count }, () => {
      if (random.chance(0.05)) return undefined;
      return ties ? random.integer(20) - 10 : Math.fround(random.normal() * scale);
    }),
  );
}

const makeCases = (runs: number, largest: number): Cases => ({
  'ranks within components': async (device) => {
    const inputs = { segments: fc.integer({ min: 1, max: 9 }), count: fc.integer({ min: 1, max: 1024 }), content: fc.nat() };
    const examples = [1, 2, 1023, 1024].map((count) => ({ segments: 2, count, content: 3 }));
    await forAll(runs, inputs, examples, ({ segments, count, content }) =>
      check(device, someValues(new Content(content), segments, count), telling(count)),
    );
  },
  'ranks over a batch that no workgroup holds': async (device) => {
    const inputs = { segments: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 1025, max: largest }), content: fc.nat() };
    const examples = [1025, 4097].map((count) => ({ segments: 1, count, content: 4 }));
    await forAll(Math.ceil(runs / 2), inputs, examples, ({ segments, count, content }) =>
      check(device, someValues(new Content(content), segments, count), telling(count)),
    );
  },
  'equal values keep their order, and nothing usable earns nothing': async (device) => {
    await check(device, [new Array(1500).fill(2.5)], telling(1500));
    await check(device, [new Array(40).fill(undefined), new Array(40).fill(-1)], telling(40));
    const order = rankOrder([1, undefined, 3, 3, -Infinity]);
    expectSame("twin's order", order, [2, 3, 0, 1, 4]);
  },
  'utilities of CMA-ES and of xNES': async (device) => {
    const count = 37;
    const values = someValues(new Content(9), 4, count);
    const parents = Math.floor(count / 4);
    const half = count / 2;
    const logs = (offset: number) => Array.from({ length: count }, (_, i) => Math.max(0, offset - Math.log(i + 1))).reduce((a, b) => a + b);
    const cma = { offset: Math.fround(Math.log(parents + 1)), scale: Math.fround(1 / logs(Math.log(parents + 1))), shift: 0 };
    const xnes = {
      offset: Math.fround(Math.log(half + 1)),
      scale: Math.fround(1 / logs(Math.log(half + 1))),
      shift: Math.fround(1 / count),
    };
    for (const options of [cma, xnes]) await check(device, values, options);
  },
});

export const cases = makeCases(6, 5000);
export const longCases = makeCases(20, 70000);
