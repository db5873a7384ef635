/** Kernel B for a shared batch, one invocation a component: against the twin, rows whitened; the same bits however the batch is chunked. */
import fc from 'fast-check';
import { COMPONENT_LANES, type ComponentMomentsSpec, componentMomentsKernel } from '../../src/kernels/component-moments.ts';
import { MAX_COMPONENT_DIM } from '../../src/kernels/estimator.ts';
import { chunkLayout, controlLayout, NO_VALUE, pack, paramsLayout, partSize } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { inverseLower } from '../reference/cholesky.ts';
import { apply, sum, type Vector } from '../reference/matrix.ts';
import { type Leaf, leafRanges, leafSums, type Sample } from '../reference/moments.ts';
import { whitenGradient } from '../reference/sample.ts';
import { compileAll, type Effort, forAll, onBench, thorough } from './kernel-run.ts';
import {
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  liveCounts,
  packMatrix,
  randomMixture,
  type TestMixture,
} from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear, expectSame, expectSameBits, expectVector, summed, twinMean } from './kernels-tolerance.ts';
import { checkParts, emptyParts, type PartsShape, setBests } from './leaf-parts.ts';

/** Positions of the ring that hold no row. */
const SPARE = 2;

interface Row {
  /** Undefined: no usable value. */
  l: number | undefined;
  f: number;
  point: Vector;
  slope: Vector;
  weights: Vector;
}

/** With large common values and slopes, ties, rows without a value, and rows that count for few components. */
function randomRows(random: Content, { components, dim }: TestMixture, count: number): Row[] {
  const common = [0, 1e4, -1e6][random.integer(3)];
  const tied = random.chance(0.3);
  const rotten = random.chance(0.5) ? 0.15 : 0;
  const idle = components.map(() => (random.chance(0.5) ? 0.8 : 0));
  const tilt = random.vector(dim, () => (random.chance(0.3) ? random.normal(1e3) : 0));
  return Array.from({ length: count }, () => {
    const near = components[random.integer(components.length)];
    const l = random.chance(rotten) ? undefined : Math.fround(common + (tied ? random.integer(3) : random.normal(3)));
    return {
      l,
      f: l === undefined ? NO_VALUE : Math.fround(l + random.normal(2)),
      point: near.mean.map((entry) => Math.fround(entry + random.normal(0.4))),
      // What an unusable row left behind must not matter.
      slope: tilt.map((entry) => (l === undefined ? Number.NaN : Math.fround(entry + random.normal()))),
      weights: idle.map((share) => (l === undefined || random.chance(share) ? 0 : Math.fround(Math.exp(random.normal(2))))),
    };
  });
}

/** A row as component k sees it, by the twin. */
function seenBy({ components }: TestMixture, k: number, { l, f, point, slope, weights }: Row): Sample {
  const own = components[k];
  const eps = apply(
    inverseLower(own.factor),
    point.map((entry, i) => entry - own.mean[i]),
  );
  const h = l === undefined ? slope : whitenGradient(own, slope);
  return { l, f, weight: weights[k], utility: 0, eps, point, slope: h, curvature: [] };
}

/** How far a leaf's sums may be from the twin's. */
function leafBounds(
  { estimator }: ComponentMomentsSpec,
  mixture: TestMixture,
  k: number,
  rows: readonly Row[],
  seen: Sample[],
  leaf: Leaf,
) {
  const { dim, components, inverses } = mixture;
  const { factor, mean } = components[k];
  const used = rows.map((row, i) => ({ row, own: seen[i] })).filter(({ row }) => row.l !== undefined);
  const n = used.length;
  const unit = summed(2 * n);
  // Sums are about the heaviest row so far: any that was must be allowed for.
  let heaviest = 0;
  const bases = used.filter(({ own }) => {
    const heavier = own.weight > heaviest;
    if (heavier) heaviest = own.weight;
    return heavier;
  });
  const apart = (value: (sample: Sample) => number) => (own: Sample) =>
    bases.reduce((most, base) => Math.max(most, Math.abs(value(own) - value(base.own))), 0);
  const distances = (value: (sample: Sample) => number, power: number): number =>
    sum(used.map(({ own }) => own.weight * apart(value)(own) ** power));
  const divisor = Math.max(leaf.weight, 1e-30);
  const centre = (value: (sample: Sample) => number, at: number): number =>
    2 * EPSILON * Math.abs(at) + (3 * unit * distances(value, 1)) / divisor;
  const f = centre((own) => own.f, leaf.f);
  const l = centre((own) => own.l!, leaf.l);

  const baseline = n > 1 ? n / (n - 1) : 1;
  const terms = used.map(({ row, own }) => {
    const error = row.point.map((_, i) =>
      sum(inverses[k][i].map((entry, j) => entry * (dim + 3) * EPSILON * Math.abs(row.point[j] - mean[j]))),
    );
    const size = estimator === 'score' ? own.weight * baseline * Math.abs(own.f - leaf.f) : own.weight;
    const off = estimator === 'score' ? own.weight * baseline * f + 4 * EPSILON * size : 0;
    // L^T |g|, whose products are summed before L comes in.
    const steep = row.slope.map((_, i) => sum(row.slope.map((entry, j) => Math.abs((factor[j][i] ?? 0) * entry))));
    return { y: own.eps.map(Math.abs), error, size, off, steep };
  });
  type Term = (typeof terms)[number];
  const total = (value: (term: Term) => number): number => sum(terms.map(value));
  const round = unit + 2 * dim * EPSILON;
  const axes = Array.from({ length: dim }, (_, i) => i);
  const draw = (i: number) => total(({ y, error, size, off }) => size * (round * y[i] + error[i]) + off * (y[i] + error[i]));
  const gradient = axes.map((i) => (estimator === 'score' ? draw(i) : total(({ size, steep }) => 2 * round * size * steep[i])));
  const matrix = axes.flatMap((a) =>
    axes.slice(0, a + 1).map((b) => {
      if (estimator === 'score') {
        const diagonal = a === b ? 1 : 0;
        return total(({ y, error, size, off }) => {
          const square = (y[a] + error[a]) * (y[b] + error[b]);
          return size * (2 * round * (square + diagonal) + square - y[a] * y[b]) + off * (square + diagonal);
        });
      }
      return total(({ y, error, size, steep }) =>
        [a, b].map((i) => 0.5 * size * steep[a + b - i] * (2 * round * y[i] + error[i])).reduce((x, z) => x + z),
      );
    }),
  );
  const lSquares = 8 * unit * distances((own) => own.l!, 2) + leaf.weight * twinMean(n, Math.abs(leaf.l)) ** 2;
  return { weight: unit * leaf.weight, weightSquares: unit * leaf.weightSquares, f, l, lSquares, gradient, matrix, draws: axes.map(draw) };
}

interface Sizes {
  components: number;
  count: number;
  leaves: number;
  content: number;
}

async function momentsProperty(device: GPUDevice, spec: ComponentMomentsSpec, sizes: Sizes): Promise<void> {
  const random = new Content(sizes.content);
  const { dim, estimator } = spec;
  const { components, count } = sizes;
  const leaves = Math.min(sizes.leaves, count);
  const shape: PartsShape = { dim, components, samples: count, leaves };
  const mixture = randomMixture(random, dim, components, 'full', 0.4);
  const rows = randomRows(random, mixture, count);
  const bests = setBests(random, mixture, () => rows[random.integer(count)].l ?? 0);
  const capacity = count + SPARE;
  const first = random.integer(capacity);
  const control = { ...defaultControl, ...liveCounts({ components, samples: count, leaves }) };
  const params = { ...defaultParams, components: components + 1, samples: capacity, leaves: leaves + 1, row_capacity: capacity };

  await onBench(device, async (bench) => {
    /** Leaves from one cut to the next, of rows that begin at position `from` of the ring. */
    const run = async (cuts: number[], from: number): Promise<ArrayBuffer> => {
      const position = (row: number): number => (from + row) % capacity;
      const values = new Float32Array(4 * capacity).fill(1e9);
      rows.forEach(({ l, f }, row) => {
        values.set([l ?? NO_VALUE, f, 0, 0], 4 * position(row));
      });
      bench.put({
        ms_control: pack(controlLayout, { ...control, first_row: from }),
        ms_params: pack(paramsLayout, params),
        ms_components: mixture.records,
        ms_factors: mixture.factors,
        ms_values: values,
      });
      for (const [i, firstLeaf] of cuts.slice(0, -1).entries()) {
        const part = { firstComponent: 0, componentCount: components, firstLeaf, leafCount: cuts[i + 1] - firstLeaf };
        const chunk = chunkOf(part, count, leaves, { slack: SPARE, gridWidth: 1 + random.integer(3) });
        const { batch_stride: room, first_sample, sample_count } = chunk.values;
        const points = new Float32Array(dim * room).fill(1e9);
        const slopes = new Float32Array(dim * room).fill(1e9);
        const weights = new Float32Array(components * room).fill(1e9);
        for (let row = first_sample; row < first_sample + sample_count; row++) {
          for (let j = 0; j < dim; j++) {
            points[j * room + position(row) - first_sample] = rows[row].point[j];
            slopes[j * room + position(row) - first_sample] = rows[row].slope[j];
          }
          for (let k = 0; k < components; k++) weights[k * room + row - first_sample] = rows[row].weights[k];
        }
        const groups = Math.ceil(components / COMPONENT_LANES) * part.leafCount;
        const width = 1 + random.integer(3);
        const last = i === cuts.length - 2;
        bench.put({
          ms_chunk: pack(chunkLayout, { ...chunk.values, leaf_count: part.leafCount + (last ? 1 : 0), leaf_grid: width }),
          ms_points: points,
          ms_row_slopes: slopes,
          ms_weights: weights,
        });
        // Room for a leaf that is not there, and for workgroups past the end.
        await bench.dispatch(componentMomentsKernel(spec), { x: width, y: Math.ceil(groups / width) + (last ? 1 : 0) });
      }
      return (await bench.bytes('ms_parts'))[0];
    };

    bench.put({ ms_parts: emptyParts(shape) });
    const whole = await run([0, leaves], first);
    const centre = estimator === 'stein' ? 'whole' : 'leaf';
    const parts = new Float32Array(whole);
    if (estimator === 'score') checkParts(shape, parts, (k, range, part, where) => check(k, range, part, where));
    else {
      for (let k = 0; k < components; k++) {
        leafRanges(count, leaves).forEach((range, leaf) => {
          const at = (k * (leaves + 1) + leaf) * partSize(dim, 'full');
          check(k, range, parts.subarray(at, at + partSize(dim, 'full')), `leaf ${leaf} of component ${k}`);
        });
      }
    }
    function check(k: number, range: { first: number; count: number }, part: Float32Array, where: string): boolean {
      const own = rows.slice(range.first, range.first + range.count);
      const seen = own.map((row) => seenBy(mixture, k, row));
      const want = leafSums(seen, estimator, dim, centre);
      const allowed = leafBounds(spec, mixture, k, own, seen, want);
      expectEqual(`usable of ${where}`, part[0], want.usable);
      expectNear(`weight of ${where}`, part[1], want.weight, allowed.weight);
      expectNear(`squared weights of ${where}`, part[2], want.weightSquares, allowed.weightSquares);
      if (want.weight > 0) {
        expectNear(`f of ${where}`, part[3], want.f, allowed.f);
        expectNear(`l of ${where}`, part[4], want.l, allowed.l);
      }
      expectNear(`squares of l of ${where}`, part[5], want.lSquares, allowed.lSquares);
      expectEqual(`best of ${where}`, part[6], want.best?.l ?? NO_VALUE);
      expectVector(`gradient of ${where}`, part.subarray(8), want.gradient, allowed.gradient);
      expectVector(`matrix of ${where}`, part.subarray(8 + dim), packMatrix(want.matrix, 'full'), allowed.matrix);
      if (want.draws) expectVector(`draws of ${where}`, part.subarray(part.length - 2 * dim), want.draws, allowed.draws);
      if (!want.best || want.best.l <= bests[k]) return false;
      expectSame(`best point of ${where}`, part.subarray(part.length - dim), own[want.best.sample].point);
      return true;
    }

    bench.put({ ms_parts: emptyParts(shape) });
    const cuts = [0, ...Array.from({ length: leaves - 1 }, (_, i) => i + 1).filter(() => random.chance(0.4)), leaves];
    expectSameBits('parts by chunks', await run(cuts, 0), whole);
  });
}

function makeCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `moments by components, d = ${dim}`,
      async (device: GPUDevice) => {
        const estimators = (['score', 'stein'] as const).filter((estimator) => dim <= MAX_COMPONENT_DIM[estimator]);
        // By each invocation for itself, and by quads where the device can.
        const readings = device.features.has('subgroups') ? [false, true] : [false];
        const specs = estimators.flatMap((estimator) => readings.map((quads): ComponentMomentsSpec => ({ dim, estimator, quads })));
        await compileAll(device, specs.map(componentMomentsKernel));
        const inputs = {
          components: fc.integer({ min: 1, max: 9 }),
          count: fc.integer({ min: 1, max: 120 }),
          leaves: fc.integer({ min: 1, max: 6 }),
          content: fc.nat(),
        };
        const examples = [
          { components: 1, count: 1, leaves: 1, content: 2 },
          { components: COMPONENT_LANES + 1, count: 67, leaves: 3, content: 1 },
        ];
        for (const spec of specs) await forAll(runs, inputs, examples, (sizes) => momentsProperty(device, spec, sizes));
      },
    ]),
  );
}

export const cases = makeCases({ dims: [1, 2, 5, 10, 31], runs: 5, every: false });
export const longCases = makeCases({ ...thorough, dims: [1, 2, 3, 4, 7, 10, 13, 16, 17, 24, 32], runs: 25 });
