/** The zero-order estimator: recovers quadratics, agrees with a float64 fit, and says so where it cannot fit. */
import fc from 'fast-check';
import { LimitError } from '../../src/gpu/errors.ts';
import { gridOf } from '../../src/gpu/pipelines.ts';
import { features } from '../../src/kernels/estimator.ts';
import {
  checkFit,
  fitSize,
  gramSize,
  MAX_FIT_DIM,
  type RegressSpec,
  regressKernels,
  regressWorkgroups,
  rowsOfSize,
} from '../../src/kernels/regress.ts';
import {
  type Covariance,
  chunkLayout,
  controlLayout,
  field,
  momentSize,
  NO_VALUE,
  pack,
  paramsLayout,
  recordSize,
  status,
} from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { dot, type Matrix, sum, type Vector } from '../reference/matrix.ts';
import { fitQuadratic, type Row } from '../reference/regress.ts';
import { type Bench, compileAll, forAll, onBench } from './kernel-run.ts';
import { Content, chunkOf, defaultControl, defaultParams, liveCounts, packMatrix } from './kernels-content.ts';
import { expectEqual, expectSameBits, expectVector } from './kernels-tolerance.ts';

interface Outcome {
  fit: number;
  moments: Float32Array;
}

/** Rows by component (of a shared batch, every component sees the same values), and the ridge of all. */
interface Problem {
  rows: Row[][];
  ridge: number;
}

/**
 * Runs all components in chunks cut at `cuts`.
 * @param live components and rows that take part; the others must not matter
 */
async function run(
  bench: Bench,
  spec: RegressSpec,
  { rows, ridge }: Problem,
  cuts: readonly number[] = [],
  live = { components: rows.length, rows: rows[0].length },
): Promise<{ outcomes: Outcome[]; bytes: ArrayBuffer }> {
  const { dim, covariance, sharedBatch } = spec;
  const components = rows.length;
  const count = rows[0].length;
  const size = recordSize(dim);
  const records = new Float32Array(components * size);
  for (let k = 0; k < components; k++) {
    records[k * size + field.ridge] = ridge;
    records[k * size + field.fit] = -1;
  }
  const moments = momentSize(dim, covariance);
  const values = (sharedBatch ? rows.slice(0, 1) : rows).flat().flatMap(({ f }) => [f === undefined ? NO_VALUE : 1, f ?? Number.NaN, 0, 0]);
  bench.put({
    ms_control: pack(controlLayout, { ...defaultControl, ...liveCounts({ components: live.components, samples: live.rows, leaves: 1 }) }),
    ms_params: pack(paramsLayout, { ...defaultParams, components, samples: count }),
    ms_components: records,
    ms_values: Float32Array.from(values),
    ms_moments: new Float32Array(components * moments).fill(-7),
  });
  const kernels = regressKernels(spec);
  const workgroups = regressWorkgroups(spec);
  const ends = [...cuts.filter((cut) => cut > 0 && cut < components), components];
  for (const [i, end] of ends.entries()) {
    const first = i === 0 ? 0 : ends[i - 1];
    const own = end - first;
    const rectangle = { firstComponent: first, componentCount: own, firstLeaf: 0, leafCount: 1 };
    const chunk = chunkOf(rectangle, count, 1, { slack: i });
    const { stride } = chunk.values;
    const eps = new Float32Array(dim * stride);
    const weights = new Float32Array(chunk.weights);
    for (let k = first; k < end; k++) {
      rows[k].forEach(({ z, weight }, n) => {
        const at = chunk.index(k, n);
        weights[chunk.weightIndex(k, n)] = weight;
        for (let j = 0; j < dim; j++) eps[j * stride + at] = z[j];
      });
    }
    bench.put({
      ms_chunk: pack(chunkLayout, chunk.values),
      ms_eps: eps,
      ms_weights: weights,
      ms_rows_of: own * rowsOfSize(count),
      ms_gram: new Float32Array(own * gramSize(dim, covariance)).fill(Number.NaN),
      ms_fit: new Float32Array(own * fitSize(dim, covariance, count)).fill(Number.NaN),
    });
    // A narrow grid on every second chunk: workgroups of the second dimension, and some past the end.
    const limit = i % 2 === 0 ? 65535 : 3;
    await bench.dispatch(kernels.select, gridOf(own * workgroups.select, limit));
    await bench.dispatch(kernels.gram, gridOf(own * workgroups.gram, limit));
    await bench.dispatch(kernels.solve, gridOf(own * workgroups.solve, limit));
  }
  const [record, written] = await bench.floats('ms_components', 'ms_moments');
  return {
    bytes: written.buffer,
    outcomes: rows.map((_, k) => ({
      fit: record[k * size + field.fit],
      moments: written.subarray(k * moments, (k + 1) * moments),
    })),
  };
}

interface Quadratic {
  c: number;
  g: Vector;
  G: Matrix;
}

const quadraticAt = ({ c, g, G }: Quadratic, z: Vector): number =>
  c +
  dot(g, z) +
  0.5 *
    dot(
      z,
      G.map((row) => dot(row, z)),
    );

/** Terms of like size together, whatever the dimension. */
function randomQuadratic(random: Content, dim: number, covariance: Covariance): Quadratic {
  return {
    c: random.normal(),
    g: random.vector(dim),
    G: random.symmetric(dim, covariance, 1 / Math.sqrt(dim)),
  };
}

/** A weight out of a distribution whose effective number is `effective` of the number drawn, about. */
const unevenWeight = (random: Content, effective: number): number =>
  Math.fround(Math.exp(random.normal(Math.sqrt(Math.log(1 / effective)))) * 1e-3);

const isFull = (spec: RegressSpec): boolean => spec.covariance === 'full';
const packed = ({ g, G }: Pick<Quadratic, 'g' | 'G'>, spec: RegressSpec): Vector => [...g, ...packMatrix(G, spec.covariance)];
const largest = (entries: Vector): number => Math.max(...entries.map(Math.abs));

function expectFit(what: string, got: Outcome, want: Vector, allowed: number): void {
  expectEqual(`status of ${what}`, got.fit, 0);
  expectVector(what, got.moments, want, allowed * largest(want));
}

function expectNoFit(what: string, got: Outcome, reason: number): void {
  expectEqual(`status of ${what}`, got.fit, reason);
  expectVector(what, got.moments, new Array<number>(got.moments.length).fill(0), 0);
}

/** An exact quadratic comes back from `share` times as many rows as it has features. */
async function recovers(device: GPUDevice, spec: RegressSpec, share: number, seed: number): Promise<void> {
  const { dim, covariance, sharedBatch } = spec;
  const random = new Content(seed);
  const needed = features(dim, covariance);
  const count = Math.ceil(needed * share) + 3;
  const quadratic = randomQuadratic(random, dim, covariance);
  const rows = Array.from({ length: count }, (): Row => {
    const z = random.vector(dim);
    return { z, weight: 1, f: Math.fround(quadraticAt(quadratic, z)) };
  });
  // Uneven weights may cost half of what there is in excess, and what they do cost is kept above the need.
  for (let excess = 0.5; sharedBatch; excess *= 0.9) {
    for (const row of rows) row.weight = unevenWeight(random, 1 / (1 + excess * (share - 1)));
    if (effectiveSize(rows) > 1.05 * needed) break;
  }
  await onBench(device, async (bench) => {
    const { outcomes } = await run(bench, spec, { rows: [rows], ridge: 1e-12 });
    expectFit(`the quadratic of ${count} rows, ${needed} features`, outcomes[0], packed(quadratic, spec), 3e-5);
  });
}

const effectiveSize = (rows: readonly Row[]): number => sum(rows.map((row) => row.weight)) ** 2 / sum(rows.map((row) => row.weight ** 2));

interface Sizes {
  components: number;
  /** Rows a feature. */
  share: number;
  extra: number;
  /** Logarithms of the ridge, the values' scale and their common offset. */
  ridge: number;
  scale: number;
  offset: number;
  content: number;
}

/** Anything but a quadratic, some of it unusable: what a float64 fit makes of it, and the same bits however it is chunked. */
async function agrees(device: GPUDevice, spec: RegressSpec, sizes: Sizes): Promise<void> {
  const { dim, covariance, sharedBatch } = spec;
  const random = new Content(sizes.content);
  const needed = features(dim, covariance);
  const live = { components: sizes.components, rows: Math.ceil(needed * sizes.share) + sizes.extra };
  // One component and a few rows that are there and not live.
  const count = live.rows + random.integer(5);
  const rotten = random.chance(0.5) ? 0.1 : 0;
  const scale = 10 ** sizes.scale;
  const quadratic = randomQuadratic(random, dim, covariance);
  const value = (z: Vector): number | undefined =>
    random.chance(rotten) ? undefined : Math.fround(scale * (10 ** sizes.offset + quadraticAt(quadratic, z) + random.normal()));
  const values = Array.from({ length: count }, () => value(random.vector(dim)));
  const rows = Array.from({ length: sizes.components + 1 }, () =>
    Array.from({ length: count }, (_, n): Row => {
      const z = random.vector(dim);
      if (!sharedBatch) return { z, weight: 1, f: value(z) };
      // Half of the rows are far from the component.
      const far = random.chance(0.5) && sizes.share > 2;
      return { z, weight: far ? 1e-20 : unevenWeight(random, 0.8), f: values[n] };
    }),
  );
  const ridge = Math.fround(10 ** sizes.ridge);
  await onBench(device, async (bench) => {
    const whole = await run(bench, spec, { rows, ridge }, [], live);
    const unseen = whole.outcomes[live.components];
    expectEqual('status of a component that is not live', unseen.fit, -1);
    expectVector('moments of a component that is not live', unseen.moments, new Array<number>(unseen.moments.length).fill(-7), 0);
    for (let k = 0; k < live.components; k++) {
      const want = fitQuadratic(rows[k].slice(0, live.rows), ridge, isFull(spec));
      const where = `component ${k}: ${want.effective} effective of ${live.rows} rows, ${needed} features`;
      if (Math.abs(want.effective - needed) < 1e-4 * needed && sharedBatch) continue;
      if (want.tooFew) expectNoFit(where, whole.outcomes[k], status.features);
      else if (want.effective > 1.05 * needed) expectFit(where, whole.outcomes[k], packed(want, spec), 1e-4);
      else if (![0, status.fit].includes(whole.outcomes[k].fit)) throw new Error(`${where}: status ${whole.outcomes[k].fit}`);
      if (!whole.outcomes[k].moments.every(Number.isFinite)) throw new Error(`${where}: not finite`);
    }
    const cuts = Array.from({ length: live.components }, (_, k) => k + 1).filter(() => random.chance(0.6));
    expectSameBits('moments by chunks', (await run(bench, spec, { rows, ridge }, cuts, live)).bytes, whole.bytes);
  });
}

/** What leaves nothing to fit: a status, zeros, and no harm to the component beside it. */
async function refuses(device: GPUDevice): Promise<void> {
  const spec: RegressSpec = { dim: 3, covariance: 'full', sharedBatch: true };
  const random = new Content(5);
  const quadratic = randomQuadratic(random, spec.dim, spec.covariance);
  const count = 45;
  const zs = Array.from({ length: count }, () => random.vector(spec.dim));
  const fs = zs.map((z) => Math.fround(quadraticAt(quadratic, z)));
  const component = (change: (row: Row, n: number) => Row): Row[] => zs.map((z, n) => change({ z, weight: 1, f: fs[n] }, n));
  const cases: [string, number, Row[]][] = [
    ['all weight on one row', status.features, component((row, n) => ({ ...row, weight: n === 7 ? 1 : 1e-30 }))],
    ['the largest weights there are', status.features, component((row, n) => ({ ...row, weight: n === 7 ? 2e17 : 1e-38 }))],
    ['no weight at all', status.features, component((row) => ({ ...row, weight: 0 }))],
    ['one row less than features', status.features, component((row, n) => ({ ...row, weight: n < 9 ? 1 : 0 }))],
    ['rows that are no numbers', status.fit, component((row, n) => ({ ...row, z: n === 9 ? [0, Number.NaN, 0] : row.z }))],
  ];
  const sound = component((row) => row);
  await onBench(device, async (bench) => {
    const { outcomes } = await run(bench, spec, { rows: [sound, ...cases.map(([, , rows]) => rows), sound], ridge: 1e-12 });
    cases.forEach(([what, reason], k) => {
      expectNoFit(what, outcomes[k + 1], reason);
    });
    expectFit('the component before', outcomes[0], packed(quadratic, spec), 3e-5);
    expectFit('the component behind', outcomes[cases.length + 1], packed(quadratic, spec), 3e-5);

    // The ridge decides what rows in a plane leave open.
    const plane = component((row) => ({ ...row, z: [row.z[0], row.z[1], 0] }));
    const want = packed(fitQuadratic(plane, 1e-3, true), spec);
    expectFit('rows in a plane', (await run(bench, spec, { rows: [plane], ridge: 1e-3 })).outcomes[0], want, 1e-3);

    const unusable = sound.map((row) => ({ ...row, f: undefined }));
    expectNoFit('no usable row', (await run(bench, spec, { rows: [unusable], ridge: 1e-12 })).outcomes[0], status.features);
    const constant = sound.map((row) => ({ ...row, f: 12345.67 }));
    const [flat] = (await run(bench, spec, { rows: [constant], ridge: 1e-12 })).outcomes;
    expectEqual('status of a constant', flat.fit, 0);
    expectVector('moments of a constant', flat.moments, new Array<number>(flat.moments.length).fill(0), 1e-2);
  });
}

async function limits(): Promise<void> {
  const limitOf = (...shape: Parameters<typeof checkFit>): number | undefined => {
    try {
      checkFit(...shape);
      return undefined;
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      return error.largest;
    }
  };
  expectEqual('largest full fit', limitOf(MAX_FIT_DIM, 'full'), undefined);
  expectEqual('limit of full fits', limitOf(MAX_FIT_DIM + 1, 'full'), MAX_FIT_DIM);
  expectEqual('limit of diagonal fits', limitOf(10_000, 'diagonal'), 4094);
  expectEqual('largest diagonal fit', limitOf(4094, 'diagonal'), undefined);
  expectEqual('limit of a small binding', limitOf(35, 'full', 100_000), 19);
}

function makeCases(shapes: readonly [number, Covariance][], runs: number): Cases {
  let turn = 0;
  const cases: Cases = { 'regress: what cannot be fitted': refuses, 'regress: limits': limits };
  for (const [dim, covariance] of shapes) {
    const sharedFirst = turn++ % 2 === 0;
    cases[`regress, d = ${dim}, ${covariance}`] = async (device) => {
      const needed = features(dim, covariance);
      const specs = (needed > 150 ? [sharedFirst] : [true, false]).map((sharedBatch): RegressSpec => ({ dim, covariance, sharedBatch }));
      await compileAll(
        device,
        specs.flatMap((spec) => Object.values(regressKernels(spec))),
      );
      const inputs = {
        components: fc.integer({ min: 1, max: needed > 60 ? 2 : 4 }),
        share: fc.double({ min: 0.8, max: 3, noNaN: true }),
        extra: fc.integer({ min: 0, max: 20 }),
        ridge: fc.constantFrom<number[]>(-12, -6, -2, 0),
        scale: fc.constantFrom<number[]>(0, -4, 5),
        offset: fc.constantFrom<number[]>(-1, 0, 5),
        content: fc.nat(),
      };
      const alone = { components: 1, share: 2.5, extra: 7, ridge: -2, scale: 0, offset: 5, content: 1 };
      for (const spec of specs) {
        await recovers(device, spec, 2, dim);
        await recovers(device, spec, 1.2, dim);
        await forAll(needed > 150 ? 1 + Math.floor(runs / 6) : runs, inputs, [alone], (sizes) => agrees(device, spec, sizes));
      }
    };
  }
  return cases;
}

export const cases = makeCases(
  [
    [1, 'full'],
    [7, 'full'],
    [25, 'full'],
    [1, 'diagonal'],
    [30, 'diagonal'],
  ],
  2,
);
export const longCases = makeCases(
  [
    ...[1, 2, 3, 4, 5, 6, 8, 9, 10, 13, 20, 35].map((dim): [number, Covariance] => [dim, 'full']),
    ...[1, 2, 3, 4, 7, 16, 31, 32, 100].map((dim): [number, Covariance] => [dim, 'diagonal']),
  ],
  15,
);
