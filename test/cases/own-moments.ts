/** Kernel B for own samples, one invocation a block of 4 x 4 or 8 x 8 matrix entries: against the twin; the same bits however it is chunked. */
import fc from 'fast-check';
import type { MomentsSpec } from '../../src/kernels/moments.ts';
import { momentBlocks, type OwnMomentsSpec, ownMomentsKernel } from '../../src/kernels/own-moments.ts';
import { chunkLayout, controlLayout, LANES, NO_VALUE, pack, paramsLayout } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { place } from '../reference/draw.ts';
import { sum, type Vector } from '../reference/matrix.ts';
import { type Leaf, leafSums, type Sample } from '../reference/moments.ts';
import { type Bench, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import {
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  liveCounts,
  packMatrix,
  type Rectangle,
  randomMixture,
  type TestMixture,
  wholeRectangle,
} from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear, expectSame, expectSameBits, expectVector, summed, twinMean } from './kernels-tolerance.ts';
import { checkParts, emptyParts, type PartsShape, setBests } from './leaf-parts.ts';
import { cutsOf, putChunk, randomSamples, slackOf } from './moments.ts';
import { placeBound } from './sample.ts';

/** Room for samples that are not there, after those of each component. */
const SPARE = 2;

const asMoments = ({ dim, estimator, sharedBatch = false }: OwnMomentsSpec): MomentsSpec => ({
  dim,
  covariance: 'full',
  estimator,
  sharedBatch,
  leafSize: 0,
});

/** With large common values, ties, leaves without any usable value, and large common slopes. */
function ownSamples(random: Content, spec: OwnMomentsSpec, components: number, count: number): Sample[][] {
  const samples = randomSamples(random, asMoments(spec), components, count).map((own) => {
    const common = [0, 1e4, -1e6][random.integer(3)];
    const tied = random.chance(0.3);
    const idle = random.chance(0.2) ? random.integer(count + 1) : count;
    const tilt = random.vector(spec.dim, () => (random.chance(0.3) ? random.normal(1e4) : 0));
    return own.map((sample, i) => {
      const { l, f, slope } = sample;
      if (l === undefined || i >= idle) return { ...sample, l: undefined, f: NO_VALUE, slope: slope.map(() => Number.NaN) };
      const rounded = tied ? Math.round(l) : l;
      return {
        ...sample,
        l: Math.fround(common + rounded),
        f: Math.fround(common + f),
        slope: slope.map((entry, a) => Math.fround(tilt[a] + entry)),
      };
    });
  });
  if (!spec.sharedBatch) return samples;
  return samples.map((own) => own.map((sample, i) => ({ ...sample, l: samples[0][i].l, f: samples[0][i].f })));
}

/** How far a leaf's sums may be from the twin's: sums are taken about the first sample that counts. */
function leafBounds({ dim, estimator }: OwnMomentsSpec, samples: readonly Sample[], leaf: Leaf) {
  const usable = samples.filter((sample) => sample.l !== undefined);
  const n = usable.length;
  const unit = summed(n);
  /** A mean as the first value and the mean distance from it. */
  const mean = (value: (sample: Sample) => number, at: number) => {
    const base = usable.find((sample) => sample.weight > 0);
    const sizes = usable.map((sample) => (base ? Math.abs(value(sample) - value(base)) : 0));
    const mean = sum(usable.map((sample, i) => sample.weight * sizes[i])) / Math.max(leaf.weight, 1e-30);
    return { sizes, error: EPSILON * Math.abs(at) + 2 * unit * mean };
  };
  const f = mean((s) => s.f, leaf.f);
  const l = mean((s) => s.l!, leaf.l);
  const baseline = n > 1 ? n / (n - 1) : 1;
  /** Of each sample: its factor, and what the factor is off by before its own few roundings. */
  const factors = usable.map((s) =>
    estimator === 'ranked'
      ? { size: Math.abs(s.utility), error: 0 }
      : { size: s.weight * baseline * Math.abs(s.f - leaf.f), error: s.weight * baseline * f.error },
  );
  const weighted = (term: (sample: Sample) => number): number =>
    sum(usable.map((s, i) => Math.abs(term(s)) * (unit * factors[i].size + (1 + unit) * factors[i].error)));
  const apart = (axis: number) => (s: Sample) => Math.abs(s.slope[axis] - usable[0].slope[axis]);
  const total = (value: (sample: Sample) => number): number => sum(usable.map((s) => Math.abs(value(s))));

  const gradient = Array.from({ length: dim }, (_, i) =>
    estimator === 'stein' ? unit * total(apart(i)) + 3 * EPSILON * n * Math.abs(usable[0]?.slope[i] ?? 0) : weighted((s) => s.eps[i]),
  );
  const matrix: Vector = [];
  for (let a = 0; a < dim; a++) {
    for (let b = 0; b <= a; b++) {
      if (estimator !== 'stein') matrix.push(weighted((s) => Math.abs(s.eps[a] * s.eps[b]) + (a === b ? 1 : 0)));
      else {
        // Half of a sum of products, less products of sums, which are off by the units of both.
        const half = (x: number, y: number): number =>
          total((s) => s.eps[x] * apart(y)(s)) + (3 * total((s) => s.eps[x]) * total(apart(y))) / Math.max(n, 1);
        // The twin takes distances from a mean that may be large.
        const twin = sum([a, b].map((x) => total((s) => s.eps[a + b - x]) * twinMean(n, Math.abs(usable[0]?.slope[x] ?? 0))));
        matrix.push(0.5 * unit * (half(a, b) + half(b, a)) + twin);
      }
    }
  }
  const squares = sum(l.sizes.map((size, i) => usable[i].weight * size ** 2));
  return { f: f.error, l: l.error, lSquares: 4 * unit * squares + leaf.weight * twinMean(n, Math.abs(leaf.l)) ** 2, gradient, matrix };
}

/** Whether the leaf's best point is news to a component that knows of `best`. */
function check(
  spec: OwnMomentsSpec,
  own: TestMixture['components'][number],
  samples: readonly Sample[],
  best: number,
  part: Float32Array,
  where: string,
): boolean {
  const { dim, estimator } = spec;
  const want = leafSums(samples, estimator, dim);
  const allowed = leafBounds(spec, samples, want);
  expectEqual(`usable of ${where}`, part[0], want.usable);
  const unit = spec.sharedBatch ? summed(want.usable) : 0;
  expectNear(`weight of ${where}`, part[1], want.weight, unit * want.weight);
  expectNear(`squared weights of ${where}`, part[2], want.weightSquares, unit * want.weightSquares);
  // Means of nothing are multiplied by 0 later.
  if (want.weight > 0 || want.usable === 0) {
    expectNear(`f of ${where}`, part[3], want.f, allowed.f);
    expectNear(`l of ${where}`, part[4], want.l, allowed.l);
  }
  expectNear(`squares of l of ${where}`, part[5], want.lSquares, allowed.lSquares);
  expectEqual(`best of ${where}`, part[6], want.best?.l ?? NO_VALUE);
  expectVector(`gradient of ${where}`, part.subarray(8), want.gradient, allowed.gradient);
  expectVector(`matrix of ${where}`, part.subarray(8 + dim), packMatrix(want.matrix, 'full'), allowed.matrix);
  if (!want.best || want.best.l <= best) return false;
  const { eps, point } = samples[want.best.sample];
  if (point) {
    expectSame(`best point of ${where}`, part.subarray(part.length - dim), point);
    return true;
  }
  expectVector(`best point of ${where}`, part.subarray(part.length - dim), place(own, eps, 1), placeBound(own.mean, own.factor, eps));
  return true;
}

interface Sizes {
  components: number;
  count: number;
  leaves: number;
  content: number;
}

/** Every sample's values, then numbers that no one must read. */
const layOutValues = (samples: Sample[][]): Float32Array<ArrayBuffer> =>
  Float32Array.from(
    samples.flatMap((own) => [...own.flatMap(({ l, f, utility }) => [l ?? NO_VALUE, f, 0, utility]), ...new Array(4 * SPARE).fill(1e9)]),
  );

/** Once for all, in the ring. */
const layOutRing = ([samples]: Sample[][], first: number): Float32Array<ArrayBuffer> => {
  const values = new Float32Array(4 * (samples.length + SPARE)).fill(1e9);
  samples.forEach(({ l, f, utility }, row) => {
    values.set([l ?? NO_VALUE, f, 0, utility], 4 * ((first + row) % (samples.length + SPARE)));
  });
  return values;
};

async function ownProperty(device: GPUDevice, spec: OwnMomentsSpec, sizes: Sizes): Promise<void> {
  const random = new Content(sizes.content);
  const { dim } = spec;
  const { components, count } = sizes;
  const leaves = Math.min(sizes.leaves, count);
  const shape: PartsShape = { dim, components, samples: count, leaves };
  const mixture = randomMixture(random, dim, components, 'full');
  const samples = ownSamples(random, spec, components, count);
  const bests = setBests(random, mixture, (k) => samples[k][random.integer(count)].l ?? 0);
  const firstRow = spec.sharedBatch ? random.integer(count + SPARE) : 0;
  const ring = spec.sharedBatch ? { first: firstRow, capacity: count + SPARE } : undefined;
  const control = { ...defaultControl, ...liveCounts({ components, samples: count, leaves }), first_row: firstRow };
  const params = { ...defaultParams, components: components + 1, samples: count + SPARE, leaves: leaves + 1, row_capacity: count + SPARE };

  const run = async (bench: Bench, rectangles: Rectangle[], beyond: number): Promise<ArrayBuffer> => {
    bench.put({ ms_parts: emptyParts(shape) });
    for (const rectangle of rectangles) {
      const options = { slack: slackOf(random, ring), tiles: momentBlocks(spec), lanes: LANES, gridWidth: 1 + random.integer(3) };
      const chunk = chunkOf(rectangle, count, leaves, options);
      const { component_count, leaf_count } = chunk.values;
      putChunk(bench, asMoments(spec), samples, chunk, ring);
      // Room for components and leaves that are not there.
      const room = { component_count: component_count + beyond, leaf_count: leaf_count + beyond };
      bench.put({ ms_chunk: pack(chunkLayout, { ...chunk.values, ...room }) });
      await bench.dispatch(ownMomentsKernel(spec), { ...chunk.leafGrid, y: chunk.leafGrid.y + beyond });
    }
    return (await bench.bytes('ms_parts'))[0];
  };

  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, control),
      ms_params: pack(paramsLayout, params),
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_values: spec.sharedBatch ? layOutRing(samples, firstRow) : layOutValues(samples),
    });
    const all = [wholeRectangle(components, leaves)];
    const whole = await run(bench, all, 1);
    checkParts(shape, new Float32Array(whole), (k, { first, count: own }, part, where) =>
      check(spec, mixture.components[k], samples[k].slice(first, first + own), bests[k], part, where),
    );
    expectSameBits('parts by chunks', await run(bench, cutsOf(random, components, leaves, ring), 0), whole);
    bench.put({ ms_control: pack(controlLayout, { ...control, stop: 1 }) });
    expectSameBits('parts after the stop', await run(bench, all, 0), emptyParts(shape).buffer);
  });
}

const estimators = ['score', 'stein', 'ranked'] as const;

function makeCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `own moments, d = ${dim}`,
      async (device: GPUDevice) => {
        const wide = dim > WIDE;
        const own = estimators.map((estimator): OwnMomentsSpec => ({ dim, estimator }));
        const specs: OwnMomentsSpec[] = [...own, { dim, estimator: 'score', sharedBatch: true }];
        await compileAll(device, specs.map(ownMomentsKernel));
        const inputs = {
          components: fc.integer({ min: 1, max: wide ? 2 : 4 }),
          count: fc.integer({ min: 1, max: wide ? 20 : 150 }),
          leaves: fc.integer({ min: 1, max: wide ? 3 : 40 }),
          content: fc.nat(),
        };
        const examples = [
          { components: 1, count: 1, leaves: 1, content: 2 },
          { components: wide ? 2 : 3, count: wide ? 17 : 131, leaves: wide ? 3 : 50, content: 1 },
        ];
        for (const spec of specs) await forAll(runs, inputs, examples, (sizes) => ownProperty(device, spec, sizes));
      },
    ]),
  );
}

export const cases = makeCases({ dims: [1, 2, 5, 17, 24, 33], runs: 5, every: false });
export const longCases = makeCases({ ...thorough, runs: 25 });
