/** Ranks of many samples by a refined histogram: whose ranks are shared, and the utilities they earn. */
import fc from 'fast-check';
import { gridOf } from '../../src/gpu/pipelines.ts';
import { RANK_BITS, RANK_NODES, rankDispatches, rankKernels, rankWords } from '../../src/kernels/rank-histogram.ts';
import { controlLayout, NO_VALUE, pack, paramsLayout } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { rankBins, rankOrder, sharedUtilities, type UtilityOptions } from '../reference/rank.ts';
import { compileAll, forAll, onBench } from './kernel-run.ts';
import { Content, defaultControl, defaultParams } from './kernels-content.ts';
import { EPSILON, expectNear, expectSameBits, expectVector, logError } from './kernels-tolerance.ts';

type Values = (number | undefined)[];

const kernels = rankKernels({ dim: 1 });

/** The same ranks `times` over: what one iteration leaves must not matter to the next. */
async function rank(device: GPUDevice, values: Values[], options: UtilityOptions, times = 1, stop = 0): Promise<Float32Array<ArrayBuffer>> {
  const count = values[0].length;
  return onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, { ...defaultControl, stop }),
      ms_params: pack(paramsLayout, {
        ...defaultParams,
        utility_offset: options.offset,
        utility_scale: options.scale,
        utility_shift: options.shift,
      }),
      // l differs from f, by which samples are ranked.
      ms_values: Float32Array.from(values.flat().flatMap((f) => (f === undefined ? [NO_VALUE, NO_VALUE, 0, 7] : [-f, f, 0, 7]))),
      ms_order: rankWords(values.length),
    });
    for (let t = 0; t < times; t++) {
      for (const { kernel, step, workgroups } of rankDispatches(values.length, count, 3)) {
        bench.put({ ms_step: step });
        await bench.dispatch(kernels[kernel], gridOf(workgroups, 3));
      }
    }
    return (await bench.floats('ms_values'))[0];
  });
}

/** A mean utility: errors of logarithms, of their sum (few terms, or an integral), the bit that is cut off, and the rest. */
function allowedFor({ offset, scale, shift }: UtilityOptions, count: number): number {
  const largest = Math.max(Math.log(count), 1);
  const ofLogs = 4 * logError(largest) + 40 * EPSILON * largest;
  return scale * (ofLogs + 4 * EPSILON * Math.abs(offset)) + 4 * EPSILON * (Math.abs(shift) + scale * Math.abs(offset));
}

async function check(device: GPUDevice, values: Values[], options: UtilityOptions, times = 1): Promise<void> {
  const got = await rank(device, values, options, times);
  const count = values[0].length;
  values.forEach((segment, s) => {
    const bins = rankBins(segment, NO_VALUE, RANK_BITS, RANK_NODES);
    const ofSegment = got.subarray(4 * s * count, 4 * (s + 1) * count).filter((_, i) => i % 4 === 3);
    const bound = allowedFor(options, count);
    const want = sharedUtilities(bins, segment, options);
    // Samples without a value earn exactly nothing.
    const allowed = segment.map((value) => (value === undefined ? 0 : bound));
    expectVector(`utilities of segment ${s}`, ofSegment, want, allowed);
    // What all earn together is what exact ranks would earn.
    const order = rankOrder(segment);
    const usable = segment.filter((value) => value !== undefined).length;
    let exact = 0;
    for (let r = 1; r <= usable; r++) exact += Math.max(0, options.offset - Math.log(r)) * options.scale - options.shift;
    const total = ofSegment.reduce((sum, utility) => sum + utility, 0);
    expectNear(`sum of the utilities of segment ${s}`, total, exact, usable * bound);
    // The stated error: nobody shares a rank with more than a 256th of all but those of the same value.
    let first = 0;
    for (const bin of bins) {
      const different = new Set(bin.map((i) => segment[i]));
      if (different.size > 1 && bin.length * RANK_NODES > count) throw new Error(`${bin.length} of ${count} samples share ranks`);
      const there = new Set(order.slice(first, first + bin.length));
      if (bin.some((i) => !there.has(i)) && different.size > 1) throw new Error('bins are out of order');
      first += bin.length;
    }
  });
  expectSameBits('utilities again', (await rank(device, values, options)).buffer, got.buffer);
}

const options = (count: number, kind: number): UtilityOptions => {
  const logs = (offset: number) => Array.from({ length: count }, (_, i) => Math.max(0, offset - Math.log(i + 1))).reduce((a, b) => a + b);
  const quarter = Math.log(Math.max(1, Math.floor(count / 4)) + 1);
  if (kind === 0) return { offset: Math.fround(quarter), scale: Math.fround(1 / logs(quarter)), shift: 0 };
  const half = Math.log(count / 2 + 1);
  if (kind === 1) return { offset: Math.fround(half), scale: Math.fround(1 / logs(half)), shift: Math.fround(1 / count) };
  return { offset: Math.fround(Math.log(count + 1) + 1), scale: 1, shift: 0 };
};

/** Values of any sign and size; with ties; crowded about a large number, in one or several heaps; some missing. */
function someValues(random: Content, segments: number, count: number): Values[] {
  const kind = random.integer(5);
  const scale = 10 ** (random.integer(30) - 10);
  const heaps = Array.from({ length: 1 + random.integer(20) }, () => Math.fround(scale * random.normal()));
  const spread = scale * 10 ** -random.integer(8);
  const one = (): number => {
    if (kind === 0) return random.normal() * scale;
    if (kind === 1) return random.integer(20) - 10;
    if (kind === 2) return 1e6 + random.normal() * 10 ** -random.integer(3);
    if (kind === 3) return heaps[random.integer(heaps.length)] + spread * random.normal();
    return random.chance(0.9) ? -0 : random.normal();
  };
  return Array.from({ length: segments }, () =>
    Array.from({ length: count }, () => (random.chance(0.03) ? undefined : Math.fround(one()))),
  );
}

const makeCases = (runs: number, largest: number): Cases => ({
  'ranks by a histogram, of any values': async (device) => {
    await compileAll(device, Object.values(kernels));
    const inputs = { segments: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 1, max: largest }), content: fc.nat() };
    const examples = [1, 2, 63, 257, 4097].map((count, i) => ({ segments: 1 + (i % 2), count, content: i }));
    await forAll(runs, inputs, examples, ({ segments, count, content }) => {
      const random = new Content(content);
      return check(device, someValues(random, segments, count), options(count, random.integer(3)), 1 + random.integer(2));
    });
  },
  'equal values share the mean of all ranks; nothing usable earns nothing': async (device) => {
    for (const kind of [0, 1, 2]) {
      await check(device, [new Array(3001).fill(2.5)], options(3001, kind));
      await check(device, [new Array(700).fill(undefined), new Array(700).fill(-1)], options(700, kind));
    }
    // One heap whose numbers are neighbours: all 32 bits count.
    const neighbours = Array.from({ length: 2000 }, (_, i) => 1 + (i % 100) * 2 ** -23);
    await check(device, [neighbours], options(2000, 2));
    // The largest numbers there are, and those nearest to none.
    const extremes = Array.from({ length: 1111 }, (_, i) => [Math.fround(3.4e38), Math.fround(-2.9e38), undefined, 0][i % 4]);
    await check(device, [extremes], options(1111, 0));
  },
  'utilities of CMA-ES sum to 1, of xNES to 0': async (device) => {
    const random = new Content(5);
    const values = Array.from({ length: 20011 }, () => Math.fround(random.normal()));
    for (const [kind, want] of [1, 0].entries()) {
      const got = await rank(device, [values], options(values.length, kind));
      const total = got.reduce((sum, entry, i) => (i % 4 === 3 ? sum + entry : sum), 0);
      expectNear(`sum of kind ${kind}`, total, want, 1e-5);
    }
  },
  'nothing is written after the stop': async (device) => {
    const got = await rank(device, [[3, 1, 2]], options(3, 0), 1, 1);
    expectVector(
      'utilities',
      got.filter((_, i) => i % 4 === 3),
      [7, 7, 7],
      [0, 0, 0],
    );
  },
});

export const cases = makeCases(8, 6000);
export const longCases = makeCases(40, 70000);
