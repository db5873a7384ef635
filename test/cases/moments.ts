/**
 * Kernel B: partial sums of reduction leaves for every estimator; the same bits however the batch is chunked. And what the update makes
 * of leaves that do not centre themselves, which does not depend on how many there are.
 */
import fc from 'fast-check';
import { derivativesOf, type Estimator } from '../../src/kernels/estimator.ts';
import { type MomentsSpec, momentsKernel, momentTiles } from '../../src/kernels/moments.ts';
import {
  bestPointOffset,
  chunkLayout,
  controlLayout,
  field,
  momentSize,
  NO_VALUE,
  pack,
  pairs,
  paramsLayout,
  partSize,
  recordSize,
} from '../../src/kernels/state.ts';
import { needsScratch, type UpdateSpec, updateKernel } from '../../src/kernels/update.ts';
import type { Cases } from '../harness/cases.ts';
import { place } from '../reference/draw.ts';
import { sum, type Vector } from '../reference/matrix.ts';
import { type Division, divisorOf, type Leaf, leafRanges, leafSums, type Sample, wholeMoments } from '../reference/moments.ts';
import { type Bench, brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import {
  type Chunk,
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  liveCounts,
  packMatrix,
  type Rectangle,
  randomMixture,
  randomRectangles,
  type TestMixture,
  wholeRectangle,
} from './kernels-content.ts';
import {
  DIVISION,
  EPSILON,
  expError,
  expectEqual,
  expectNear,
  expectSame,
  expectSameBits,
  expectVector,
  summed,
} from './kernels-tolerance.ts';
import { placeBound } from './sample.ts';

/** samples[k][i]; of a shared batch, l and f are the same for every component. */
export function randomSamples(random: Content, spec: MomentsSpec, components: number, count: number): Sample[][] {
  const { dim, covariance, estimator, sharedBatch } = spec;
  const common = random.chance(0.3) ? random.normal(1e4) : 0;
  const rotten = random.chance(0.5) ? 0.15 : 0;
  const values = () => random.vector(count, () => (random.chance(rotten) ? Number.NaN : Math.fround(common + random.normal(3))));
  const shared = values();
  const points = Array.from({ length: sharedBatch ? count : 0 }, () => random.vector(dim));
  return Array.from({ length: components }, () => {
    // Of a shared batch, rows that count for nothing.
    const idle = random.chance(0.5) ? 0.8 : 0;
    const l = sharedBatch ? shared : values();
    return l.map((value, i): Sample => {
      const usable = !Number.isNaN(value);
      // What an unusable sample left behind must not matter.
      const some = (): number => (usable ? random.normal() : Number.NaN);
      return {
        l: usable ? value : undefined,
        f: usable ? Math.fround(value + random.normal(2)) : NO_VALUE,
        weight: sharedBatch ? (random.chance(idle) ? 0 : Math.fround(Math.exp(random.normal(2)))) : 1,
        utility: random.uniform(-0.1, 0.4),
        eps: random.vector(dim),
        ...(sharedBatch ? { point: points[i] } : {}),
        slope: estimator === 'stein' || estimator === 'hessian' ? random.vector(dim, some) : [],
        curvature: estimator === 'hessian' ? random.symmetric(dim, covariance) : [],
      };
    });
  });
}

/** Of a shared batch, every component sees the first one's f and utilities. */
const sameValues = (samples: Sample[][]): Sample[][] =>
  samples.map((own) => own.map((sample, i) => ({ ...sample, f: samples[0][i].f, utility: samples[0][i].utility })));

export function putChunk(bench: Bench, spec: MomentsSpec, samples: Sample[][], chunk: Chunk, ring?: Ring): void {
  const { dim } = spec;
  const { stride, batch_stride, first_component, component_count, first_sample, sample_count } = chunk.values;
  const eps = new Float32Array(dim * stride);
  const rows = derivativesOf[spec.estimator] === 'value' ? 0 : dim + (spec.estimator === 'hessian' ? pairs(dim, spec.covariance) : 0);
  const slopes = new Float32Array(rows * stride);
  const weights = new Float32Array(chunk.weights);
  const position = (i: number) => (ring ? (ring.first + i) % ring.capacity : i) - first_sample;
  const points = new Float32Array(spec.sharedBatch ? dim * batch_stride : 1);
  for (let k = first_component; k < first_component + component_count; k++) {
    for (let i = first_sample; i < first_sample + sample_count; i++) {
      const at = chunk.index(k, i);
      const sample = samples[k][i];
      for (let j = 0; j < dim; j++) eps[j * stride + at] = sample.eps[j];
      weights[chunk.weightIndex(k, i)] = sample.weight;
      for (let j = 0; j < dim && sample.point; j++) points[j * batch_stride + position(i)] = sample.point[j];
      if (rows === 0) continue;
      const entries = rows === dim ? sample.slope : [...sample.slope, ...packMatrix(sample.curvature, spec.covariance)];
      for (let j = 0; j < rows; j++) slopes[j * stride + at] = entries[j];
    }
  }
  bench.put({ ms_chunk: pack(chunkLayout, chunk.values), ms_eps: eps, ms_slopes: slopes, ms_weights: weights, ms_points: points });
}

async function run(
  bench: Bench,
  spec: MomentsSpec,
  samples: Sample[][],
  rectangles: Rectangle[],
  leaves: number,
  random: Content,
  ring: Ring | undefined,
): Promise<ArrayBuffer> {
  bench.put({ ms_parts: samples.length * leaves * partSize(spec.dim, spec.covariance) });
  for (const rectangle of rectangles) {
    const options = { slack: slackOf(random, ring), tiles: momentTiles(spec), gridWidth: 2 + random.integer(3) };
    const chunk = chunkOf(rectangle, samples[0].length, leaves, options);
    putChunk(bench, spec, samples, chunk, ring);
    await bench.dispatch(momentsKernel(spec), chunk.leafGrid);
  }
  return (await bench.bytes('ms_parts'))[0];
}

/** How far a leaf's sums may be from the twin's. */
function leafBounds(spec: MomentsSpec, samples: readonly Sample[], leaf: Leaf) {
  const { dim, covariance, estimator } = spec;
  const usable = samples.filter((sample) => sample.l !== undefined);
  const unit = summed(usable.length);
  const divisor = Math.max(leaf.weight, 1e-30);
  /** A mean in two passes: the first is off by `unit` of the mean size, the second by `unit` of what is left. */
  const mean = (value: (sample: Sample) => number, at: number): number => {
    const size = sum(usable.map((s) => s.weight * Math.abs(value(s)))) / divisor;
    const apart = sum(usable.map((s) => s.weight * Math.abs(value(s) - at))) / divisor;
    return 2 * EPSILON * Math.abs(at) + unit * (apart + unit * size);
  };
  const f = mean((s) => s.f, leaf.f);
  const l = mean((s) => s.l!, leaf.l);
  const roughL = unit * (sum(usable.map((s) => s.weight * Math.abs(s.l!))) / divisor);
  const meanSlope = Array.from({ length: dim }, (_, i) => {
    const size = sum(usable.map((s) => s.weight * Math.abs(s.slope[i] ?? 0)));
    const error = spec.centre === 'whole' ? 0 : (unit + DIVISION) * (size / divisor);
    return { size, error, value: spec.centre === 'whole' ? 0 : leaf.gradient[i] / divisor };
  });
  const baseline = usable.length > 1 ? usable.length / (usable.length - 1) : 1;
  const centred = usable.map((s) => s.weight * baseline * Math.abs(s.f - leaf.f));

  const gradient = Array.from({ length: dim }, (_, i) => {
    if (estimator === 'score') {
      return sum(usable.map((s, n) => Math.abs(s.eps[i]) * (unit * centred[n] + s.weight * baseline * f)));
    }
    if (estimator === 'quadratic') return 0;
    if (estimator === 'ranked') return unit * sum(usable.map((s) => Math.abs(s.utility * s.eps[i])));
    return unit * meanSlope[i].size;
  });
  const matrix: Vector = [];
  for (let a = 0; a < dim; a++) {
    for (let b = covariance === 'full' ? 0 : a; b <= a; b++) {
      const product = (s: Sample): number => Math.abs(s.eps[a] * s.eps[b]) + (a === b ? 1 : 0);
      if (estimator === 'score') matrix.push(sum(usable.map((s, n) => product(s) * (unit * centred[n] + s.weight * baseline * f))));
      else if (estimator === 'ranked') matrix.push(unit * sum(usable.map((s) => Math.abs(s.utility) * product(s))));
      else if (estimator === 'quadratic') matrix.push(0);
      else if (estimator === 'hessian') matrix.push(unit * sum(usable.map((s) => s.weight * Math.abs(s.curvature[a][b]))));
      else {
        const half = (x: number, y: number) => (s: Sample) =>
          s.weight * Math.abs(s.eps[x]) * (unit * (Math.abs(s.slope[y]) + Math.abs(meanSlope[y].value)) + meanSlope[y].error);
        matrix.push(0.5 * (sum(usable.map(half(a, b))) + sum(usable.map(half(b, a)))));
      }
    }
  }
  return {
    weight: unit * leaf.weight,
    weightSquares: unit * leaf.weightSquares,
    f,
    l,
    lSquares: 2 * unit * (leaf.lSquares + leaf.weight * roughL ** 2),
    gradient,
    matrix,
    draws: Array.from({ length: dim }, (_, i) => unit * sum(usable.map((s) => s.weight * Math.abs(s.eps[i])))),
  };
}

function check(spec: MomentsSpec, mixture: TestMixture, k: number, samples: readonly Sample[], part: Float32Array, where: string): void {
  const { dim, covariance, estimator } = spec;
  const want = leafSums(samples, estimator, dim, spec.centre, spec.nodes === 'whitened');
  const allowed = leafBounds(spec, samples, want);
  expectEqual(`usable of ${where}`, part[0], want.usable);
  expectNear(`weight of ${where}`, part[1], want.weight, allowed.weight);
  expectNear(`squared weights of ${where}`, part[2], want.weightSquares, allowed.weightSquares);
  expectNear(`f of ${where}`, part[3], want.f, allowed.f);
  expectNear(`l of ${where}`, part[4], want.l, allowed.l);
  expectNear(`squares of l of ${where}`, part[5], want.lSquares, allowed.lSquares);
  expectVector(`gradient of ${where}`, part.subarray(8), want.gradient, allowed.gradient);
  expectVector(`matrix of ${where}`, part.subarray(8 + dim), packMatrix(want.matrix, covariance), allowed.matrix);
  const last = 8 + dim + pairs(dim, covariance);
  if (want.draws) expectVector(`weighted draws of ${where}`, part.subarray(last), want.draws, allowed.draws);
  expectEqual(`best of ${where}`, part[6], want.best?.l ?? NO_VALUE);
  if (!want.best) return;
  const own = mixture.components[k];
  const { eps, point } = samples[want.best.sample];
  if (point) {
    expectSame(`best point of ${where}`, part.subarray(last + dim, last + 2 * dim), point);
    return;
  }
  const bound = placeBound(own.mean, own.factor, eps);
  expectVector(`best point of ${where}`, part.subarray(last + dim), place(own, eps, 1), bound);
}

/** Where the rows of a shared batch lie. */
export interface Ring {
  capacity: number;
  first: number;
}

/** Room that the rows of a ring need beside one another. */
export const slackOf = (random: Content, ring: Ring | undefined): number => random.integer(3) + (ring ? 4 : 0);

/** A ring's rows are in the buffers all at once. */
export const cutsOf = (random: Content, components: number, leaves: number, ring: Ring | undefined): Rectangle[] =>
  randomRectangles(random, components, ring ? 1 : leaves).map((cut) => (ring ? { ...cut, leafCount: leaves } : cut));

function randomRing(random: Content, count: number): Ring {
  const capacity = count + random.integer(4);
  return { capacity, first: random.chance(0.3) ? 0 : random.integer(capacity) };
}

const state = (components: number, count: number, leaves: number, ring: Ring | undefined) => ({
  ms_control: pack(controlLayout, {
    ...defaultControl,
    ...liveCounts({ components, samples: count, leaves }),
    first_row: ring?.first ?? 0,
  }),
  ms_params: pack(paramsLayout, { ...defaultParams, components, samples: count, leaves, ...(ring ? { row_capacity: ring.capacity } : {}) }),
});

/** Component by component; or once for all, in the ring, with numbers between that no one must read. */
function layOutValues(samples: Sample[][], ring: Ring | undefined): Float32Array<ArrayBuffer> {
  const entries = (own: Sample): number[] => [own.l ?? NO_VALUE, own.f, 0, own.utility];
  if (!ring) return Float32Array.from(samples.flat().flatMap(entries));
  const values = new Float32Array(4 * ring.capacity).fill(1e9);
  samples[0].forEach((own, row) => {
    values.set(entries(own), 4 * ((ring.first + row) % ring.capacity));
  });
  return values;
}

interface Sizes {
  components: number;
  count: number;
  leaves: number;
  content: number;
}

async function momentsProperty(device: GPUDevice, spec: MomentsSpec, sizes: Sizes): Promise<void> {
  const random = new Content(sizes.content);
  const { components, count } = sizes;
  const leaves = Math.max(Math.min(sizes.leaves, count), Math.ceil(count / spec.leafSize));
  const mixture = randomMixture(random, spec.dim, components, spec.covariance);
  const drawn = randomSamples(random, spec, components, count);
  const samples = spec.sharedBatch ? sameValues(drawn) : drawn;
  const ring = spec.sharedBatch ? randomRing(random, count) : undefined;
  await onBench(device, async (bench) => {
    bench.put({
      ...state(components, count, leaves, ring),
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_values: layOutValues(samples, ring),
    });
    const whole = await run(bench, spec, samples, [wholeRectangle(components, leaves)], leaves, random, ring);
    const parts = new Float32Array(whole);
    const size = partSize(spec.dim, spec.covariance);
    for (let k = 0; k < components; k++) {
      leafRanges(count, leaves).forEach(({ first, count: own }, leaf) => {
        const at = (k * leaves + leaf) * size;
        check(spec, mixture, k, samples[k].slice(first, first + own), parts.subarray(at, at + size), `leaf ${leaf} of component ${k}`);
      });
    }
    const cut = cutsOf(random, components, leaves, ring);
    expectSameBits('parts by chunks', await run(bench, spec, samples, cut, leaves, random, ring), whole);
    expectSameBits('parts again', await run(bench, spec, samples, [wholeRectangle(components, leaves)], leaves, random, ring), whole);
  });
}

/** Few lanes and many; with a list of the rows that count, and too many rows for one. */
const leafSizes = [64, 256, 500];
/** Those that may look at a shared batch. */
const sharedEstimators: Estimator[] = ['score', 'stein', 'quadratic'];
const estimators: Estimator[] = ['score', 'stein', 'hessian', 'ranked'];
const divisors: Division['by'][] = ['count', 'one', 'weight', 'share'];

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => {
      const wide = dim > WIDE;
      // Every estimator at every d; its covariance, the shared batch's estimator and the workgroup's width take turns.
      const inTurn = [...(wide ? estimators.slice(0, 2) : estimators), sharedEstimators[turn % 3]].map((estimator, i): MomentsSpec => {
        turn++;
        const sharedBatch = i === (wide ? 2 : 4);
        return {
          dim,
          covariance: turn % 2 === 0 && !wide ? 'diagonal' : 'full',
          estimator,
          sharedBatch,
          leafSize: leafSizes[turn % 3],
          centre: estimator === 'stein' && sharedBatch ? 'whole' : 'leaf',
        };
      });
      const whole = (covariance: 'full' | 'diagonal'): MomentsSpec => ({
        dim,
        covariance,
        estimator: 'stein',
        sharedBatch: true,
        leafSize: leafSizes[turn % 3],
        centre: 'whole',
      });
      const all = estimators.flatMap((estimator) =>
        (['full', 'diagonal'] as const).flatMap((covariance) =>
          (sharedEstimators.includes(estimator) ? [false, true] : [false]).map(
            (sharedBatch): MomentsSpec => ({ dim, covariance, estimator, sharedBatch, leafSize: leafSizes[turn++ % 3] }),
          ),
        ),
      );
      const nothing: MomentsSpec = { dim, covariance: 'full', estimator: 'quadratic', sharedBatch: true, leafSize: 64 };
      const plain: MomentsSpec = { dim, covariance: 'full', estimator: 'score', sharedBatch: false, leafSize: 64, nodes: 'whitened' };
      const specs = every ? [...all, whole('full'), whole('diagonal'), nothing, plain] : [...inTurn, plain];
      return [
        `moments, d = ${dim}`,
        async (device: GPUDevice) => {
          await compileAll(device, specs.map(momentsKernel));
          const inputs = {
            components: fc.integer({ min: 1, max: wide ? 2 : 4 }),
            count: fc.integer({ min: 1, max: wide ? 20 : 150 }),
            leaves: fc.integer({ min: 1, max: wide ? 3 : 6 }),
            content: fc.nat(),
          };
          const alone = { components: 1, count: wide ? 17 : 331, leaves: wide ? 2 : 3, content: 1 };
          for (const spec of specs) await forAll(Math.ceil(runs / 2), inputs, [alone], (sizes) => momentsProperty(device, spec, sizes));
        },
      ];
    }),
  );
}

/** Leaves of uneven weights, some next to nothing, combined by the update kernel: the same moments however many leaves there are. */
async function wholeProperty(
  device: GPUDevice,
  spec: MomentsSpec,
  divisor: Division['by'],
  sizes: { components: number; count: number; content: number },
): Promise<void> {
  const { dim, covariance } = spec;
  const { components, count } = sizes;
  const random = new Content(sizes.content);
  const mixture = randomMixture(random, dim, components, covariance);
  const logShares = random.vector(components, () => random.uniform(-12, 0));
  const samples = sameValues(randomSamples(random, spec, components, count)).map((own, k) =>
    own.map((sample) => ({
      ...sample,
      weight: Math.fround(sample.weight * Math.exp(logShares[k] + (random.chance(0.3) ? -15 : 0))),
    })),
  );
  const size = recordSize(dim);
  logShares.forEach((logShare, k) => {
    mixture.records[k * size + field.logShare] = logShare;
  });
  const ring = randomRing(random, count);
  for (const leaves of wholeLeaves.filter((leaves) => leaves <= count && count <= leaves * spec.leafSize)) {
    await onBench(device, async (bench) => {
      const chunk = chunkOf(wholeRectangle(components, leaves), count, leaves, {
        slack: slackOf(random, ring),
        tiles: momentTiles(spec),
        gridWidth: 3,
      });
      // Room for another leaf and another component, which are not there.
      const room = { component_count: components + 1, leaf_count: leaves + 1 };
      bench.put({
        ...state(components, count, leaves, ring),
        ms_components: mixture.records,
        ms_factors: mixture.factors,
        ms_values: layOutValues(samples, ring),
        ms_parts: components * (leaves + 1) * partSize(dim, covariance),
        ms_moments: components * momentSize(dim, covariance),
        ...(needsScratch(spec) ? { ms_scratch: components * pairs(dim, covariance) } : {}),
      });
      putChunk(bench, spec, samples, chunk, ring);
      bench.put({
        ms_chunk: pack(chunkLayout, { ...chunk.values, ...room }),
        ms_params: pack(paramsLayout, { ...defaultParams, components, samples: count, leaves: leaves + 1, row_capacity: ring.capacity }),
      });
      await bench.dispatch(momentsKernel(spec), { ...chunk.leafGrid, y: chunk.leafGrid.y + 2 });
      await bench.dispatch(wholeUpdate(spec, divisor, leaves), components + 1);
      const [moments, records] = await bench.floats('ms_moments', 'ms_components');
      for (let k = 0; k < components; k++) {
        const division = { by: divisor, rows: count, logShare: logShares[k] };
        const where = `component ${k}, ${leaves} leaves`;
        checkWhole(spec, samples[k], division, moments.subarray(k * momentSize(dim, covariance)), where);
        const usable = samples[k].flatMap(({ l }, i) => (l === undefined ? [] : [{ l, i }]));
        const top = usable.reduce((a, b) => (b.l > a.l ? b : a), { l: NO_VALUE, i: -1 });
        const record = records.subarray(k * size, (k + 1) * size);
        expectEqual(`best of ${where}`, record[field.best], top.l);
        if (top.i < 0) continue;
        const best = record.subarray(bestPointOffset(dim), bestPointOffset(dim) + dim);
        expectSame(`best point of ${where}`, best, samples[k][top.i].point!);
      }
    });
  }
}

/** g and G against the formula over all samples at once. Each is off by the roundings of its sums; what is taken off G, by both's. */
function checkWhole(spec: MomentsSpec, samples: readonly Sample[], division: Division, got: Float32Array, where: string): void {
  const { dim, covariance } = spec;
  const want = wholeMoments(samples, dim, division);
  const usable = samples.filter((sample) => sample.l !== undefined);
  const D = divisorOf(samples, division);
  const unit = (samples.length + 40) * EPSILON + (division.by === 'share' ? expError(division.logShare) : 0);
  const mean = (what: (sample: Sample) => number): number => sum(usable.map((s) => s.weight * Math.abs(what(s)))) / D;
  const draws = Array.from({ length: dim }, (_, i) => mean((s) => s.eps[i]));
  const slopes = Array.from({ length: dim }, (_, i) => mean((s) => s.slope[i]));
  expectVector(
    `g of ${where}`,
    got,
    want.g,
    slopes.map((slope) => unit * slope),
  );
  const unbiased = want.effective / Math.max(want.effective - 1, 1e-3);
  // n is off by 4 units, and n/(n - 1) by that over n - 1.
  const last = (4 * unit) / Math.max(want.effective - 1, 1e-3);
  const allowed = want.G.map((row, i) =>
    row.map((entry, j) => {
      const products = 0.5 * (mean((s) => s.eps[i] * s.slope[j]) + mean((s) => s.eps[j] * s.slope[i]));
      const apart = 0.5 * (draws[i] * slopes[j] + draws[j] * slopes[i]);
      return unbiased * unit * (products + 3 * apart) + last * Math.abs(entry);
    }),
  );
  expectVector(`G of ${where}`, got.subarray(dim), packMatrix(want.G, covariance), packMatrix(allowed, covariance));
}

const wholeLeaves = [1, 20];
const wholeUpdate = ({ dim, covariance }: MomentsSpec, divisor: Division['by'], leaves: number) => {
  const spec: UpdateSpec = { dim, covariance, step: 'iblr', meanBy: 'new', divisor, centre: 'whole', leaves };
  return updateKernel(spec);
};

function makeWholeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => {
      const wide = dim > WIDE;
      // Divisors and the covariance take turns.
      const inTurn = [divisors[turn % 4], divisors[3 - (turn % 3)]];
      const variants = (every ? divisors : inTurn).flatMap((divisor) =>
        (every ? (['full', 'diagonal'] as const) : ([turn % 3 === 0 ? 'diagonal' : 'full'] as const)).map(
          (covariance): { spec: MomentsSpec; divisor: Division['by'] } => ({
            spec: { dim, covariance, estimator: 'stein', sharedBatch: true, leafSize: leafSizes[turn++ % 3], centre: 'whole' },
            divisor,
          }),
        ),
      );
      return [
        `moments centred on the whole, d = ${dim}`,
        async (device: GPUDevice) => {
          const kernels = variants.flatMap(({ spec, divisor }) => wholeLeaves.map((leaves) => wholeUpdate(spec, divisor, leaves)));
          await compileAll(device, [...kernels, ...variants.map(({ spec }) => momentsKernel(spec))]);
          const inputs = {
            components: fc.integer({ min: 1, max: 3 }),
            count: fc.integer({ min: 1, max: wide ? 24 : 120 }),
            content: fc.nat(),
          };
          const examples = [1, wide ? 24 : 200].map((count) => ({ components: 1, count, content: count }));
          for (const { spec, divisor } of variants) {
            await forAll(Math.ceil(runs / 3) + 2, inputs, examples, (values) => wholeProperty(device, spec, divisor, values));
          }
        },
      ];
    }),
  );
}

export const cases = { ...makeCases(brief), ...makeWholeCases({ ...brief, dims: [1, 2, 17] }) };
export const longCases = { ...makeCases(thorough), ...makeWholeCases({ ...thorough, dims: [1, 2, 3, 8, 17, 33, 73], runs: 5 }) };
