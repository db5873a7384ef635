/** Kernel B: partial sums of reduction leaves for every estimator; the same bits however the batch is chunked. */
import fc from 'fast-check';
import { derivativesOf, type Estimator, type MomentsSpec, momentsKernel, momentTiles } from '../../src/kernels/moments.ts';
import { chunkLayout, controlLayout, NO_VALUE, pack, pairs, paramsLayout, partSize } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { place } from '../reference/draw.ts';
import { sum, type Vector } from '../reference/matrix.ts';
import { type Leaf, leafRanges, leafSums, type Sample } from '../reference/moments.ts';
import { type Bench, brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import {
  type Chunk,
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  packMatrix,
  type Rectangle,
  randomMixture,
  randomRectangles,
  type TestMixture,
  wholeRectangle,
} from './kernels-content.ts';
import { DIVISION, EPSILON, expectEqual, expectNear, expectSameBits, expectVector } from './kernels-tolerance.ts';
import { placeBound } from './sample.ts';

/** samples[k][i]; of a shared batch, l and f are the same for every component. */
function randomSamples(random: Content, spec: MomentsSpec, components: number, count: number): Sample[][] {
  const { dim, covariance, estimator, sharedBatch } = spec;
  const common = random.chance(0.3) ? random.normal(1e4) : 0;
  const rotten = random.chance(0.5) ? 0.15 : 0;
  const values = () => random.vector(count, () => (random.chance(rotten) ? Number.NaN : Math.fround(common + random.normal(3))));
  const shared = values();
  return Array.from({ length: components }, () => {
    const l = sharedBatch ? shared : values();
    return l.map((value): Sample => {
      const usable = !Number.isNaN(value);
      // What an unusable sample left behind must not matter.
      const some = (): number => (usable ? random.normal() : Number.NaN);
      return {
        l: usable ? value : undefined,
        f: usable ? Math.fround(value + random.normal(2)) : NO_VALUE,
        weight: sharedBatch ? Math.fround(Math.exp(random.normal(2))) : 1,
        utility: random.uniform(-0.1, 0.4),
        eps: random.vector(dim),
        slope: estimator === 'stein' || estimator === 'hessian' ? random.vector(dim, some) : [],
        curvature: estimator === 'hessian' ? random.symmetric(dim, covariance) : [],
      };
    });
  });
}

/** Of a shared batch, every component sees the first one's f and utilities. */
const sameValues = (samples: Sample[][]): Sample[][] =>
  samples.map((own) => own.map((sample, i) => ({ ...sample, f: samples[0][i].f, utility: samples[0][i].utility })));

function putChunk(bench: Bench, spec: MomentsSpec, samples: Sample[][], chunk: Chunk): void {
  const { dim } = spec;
  const { stride, first_component, component_count, first_sample, sample_count } = chunk.values;
  const eps = new Float32Array(dim * stride);
  const rows = derivativesOf[spec.estimator] === 'value' ? 0 : dim + (spec.estimator === 'hessian' ? pairs(dim, spec.covariance) : 0);
  const slopes = new Float32Array(rows * stride);
  const weights = new Float32Array(chunk.count);
  for (let k = first_component; k < first_component + component_count; k++) {
    for (let i = first_sample; i < first_sample + sample_count; i++) {
      const at = chunk.index(k, i);
      const sample = samples[k][i];
      for (let j = 0; j < dim; j++) eps[j * stride + at] = sample.eps[j];
      weights[at] = sample.weight;
      if (rows === 0) continue;
      const entries = rows === dim ? sample.slope : [...sample.slope, ...packMatrix(sample.curvature, spec.covariance)];
      for (let j = 0; j < rows; j++) slopes[j * stride + at] = entries[j];
    }
  }
  bench.put({ ms_chunk: pack(chunkLayout, chunk.values), ms_eps: eps, ms_slopes: slopes, ms_weights: weights });
}

async function run(
  bench: Bench,
  spec: MomentsSpec,
  samples: Sample[][],
  rectangles: Rectangle[],
  leaves: number,
  random: Content,
): Promise<ArrayBuffer> {
  bench.put({ ms_parts: samples.length * leaves * partSize(spec.dim, spec.covariance) });
  for (const rectangle of rectangles) {
    const options = { slack: random.integer(3), tiles: momentTiles(spec), gridWidth: 2 + random.integer(3) };
    const chunk = chunkOf(rectangle, samples[0].length, leaves, options);
    putChunk(bench, spec, samples, chunk);
    await bench.dispatch(momentsKernel(spec), chunk.leafGrid);
  }
  return (await bench.bytes('ms_parts'))[0];
}

/** A sum of n terms, each a few operations: n + 12 units of the sum of absolute terms, whatever its tree. */
const summed = (count: number): number => (count + 12) * EPSILON;

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
    return { size, error: (unit + DIVISION) * (size / divisor), value: leaf.gradient[i] / divisor };
  });
  const baseline = usable.length > 1 ? usable.length / (usable.length - 1) : 1;
  const centred = usable.map((s) => s.weight * baseline * Math.abs(s.f - leaf.f));

  const gradient = Array.from({ length: dim }, (_, i) => {
    if (estimator === 'score') {
      return sum(usable.map((s, n) => Math.abs(s.eps[i]) * (unit * centred[n] + s.weight * baseline * f)));
    }
    if (estimator === 'ranked') return unit * sum(usable.map((s) => Math.abs(s.utility * s.eps[i])));
    return unit * meanSlope[i].size;
  });
  const matrix: Vector = [];
  for (let a = 0; a < dim; a++) {
    for (let b = covariance === 'full' ? 0 : a; b <= a; b++) {
      const product = (s: Sample): number => Math.abs(s.eps[a] * s.eps[b]) + (a === b ? 1 : 0);
      if (estimator === 'score') matrix.push(sum(usable.map((s, n) => product(s) * (unit * centred[n] + s.weight * baseline * f))));
      else if (estimator === 'ranked') matrix.push(unit * sum(usable.map((s) => Math.abs(s.utility) * product(s))));
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
  };
}

function check(spec: MomentsSpec, mixture: TestMixture, k: number, samples: readonly Sample[], part: Float32Array, where: string): void {
  const { dim, covariance, estimator } = spec;
  const want = leafSums(samples, estimator, dim);
  const allowed = leafBounds(spec, samples, want);
  expectEqual(`usable of ${where}`, part[0], want.usable);
  expectNear(`weight of ${where}`, part[1], want.weight, allowed.weight);
  expectNear(`squared weights of ${where}`, part[2], want.weightSquares, allowed.weightSquares);
  expectNear(`f of ${where}`, part[3], want.f, allowed.f);
  expectNear(`l of ${where}`, part[4], want.l, allowed.l);
  expectNear(`squares of l of ${where}`, part[5], want.lSquares, allowed.lSquares);
  expectVector(`gradient of ${where}`, part.subarray(8), want.gradient, allowed.gradient);
  expectVector(`matrix of ${where}`, part.subarray(8 + dim), packMatrix(want.matrix, covariance), allowed.matrix);
  expectEqual(`best of ${where}`, part[6], want.best?.l ?? NO_VALUE);
  if (!want.best) return;
  const own = mixture.components[k];
  const { eps } = samples[want.best.sample];
  const bound = placeBound(own.mean, own.factor, eps);
  const first = 8 + dim + pairs(dim, covariance);
  expectVector(`best point of ${where}`, part.subarray(first), place(own, eps, 1), bound);
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
  const leaves = Math.min(sizes.leaves, count);
  const mixture = randomMixture(random, spec.dim, components, spec.covariance);
  const drawn = randomSamples(random, spec, components, count);
  const samples = spec.sharedBatch ? sameValues(drawn) : drawn;
  const rows = (spec.sharedBatch ? samples.slice(0, 1) : samples).flat();
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, defaultControl),
      ms_params: pack(paramsLayout, { ...defaultParams, components, samples: count, leaves }),
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_values: Float32Array.from(rows.flatMap((sample) => [sample.l ?? NO_VALUE, sample.f, 0, sample.utility])),
    });
    const whole = await run(bench, spec, samples, [wholeRectangle(components, leaves)], leaves, random);
    const parts = new Float32Array(whole);
    const size = partSize(spec.dim, spec.covariance);
    for (let k = 0; k < components; k++) {
      leafRanges(count, leaves).forEach(({ first, count: own }, leaf) => {
        const at = (k * leaves + leaf) * size;
        check(spec, mixture, k, samples[k].slice(first, first + own), parts.subarray(at, at + size), `leaf ${leaf} of component ${k}`);
      });
    }
    const cut = randomRectangles(random, components, leaves);
    expectSameBits('parts by chunks', await run(bench, spec, samples, cut, leaves, random), whole);
    expectSameBits('parts again', await run(bench, spec, samples, [wholeRectangle(components, leaves)], leaves, random), whole);
  });
}

const estimators: Estimator[] = ['score', 'stein', 'hessian', 'ranked'];

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => {
      const wide = dim > WIDE;
      // Every estimator at every d; its covariance, the shared batch's estimator and the workgroup's width take turns.
      const inTurn = [...(wide ? estimators.slice(0, 2) : estimators), estimators[turn % 4]].map((estimator, i): MomentsSpec => {
        turn++;
        const sharedBatch = i === (wide ? 2 : 4);
        return {
          dim,
          covariance: turn % 2 === 0 && !wide ? 'diagonal' : 'full',
          estimator,
          sharedBatch,
          leafSize: turn % 3 === 0 ? 500 : 1,
        };
      });
      const all = estimators.flatMap((estimator) =>
        (['full', 'diagonal'] as const).flatMap((covariance) =>
          [false, true].map(
            (sharedBatch): MomentsSpec => ({ dim, covariance, estimator, sharedBatch, leafSize: turn++ % 3 === 0 ? 500 : 1 }),
          ),
        ),
      );
      const specs = every ? all : inTurn;
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

export const cases = makeCases(brief);
export const longCases = makeCases(thorough);
