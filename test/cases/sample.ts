/** Kernel A for own samples: draws, objective through the box, log q, whitened derivatives; alike however it is chunked. */
import fc from 'fast-check';
import { ALONE, type Derivatives, type ObjectiveText } from '../../src/kernels/compose.ts';
import { type SampleSpec, sampleKernel } from '../../src/kernels/sample.ts';
import {
  type Covariance,
  chunkLayout,
  controlLayout,
  MAX_HESSIAN_DIM,
  NO_VALUE,
  pack,
  pairs,
  paramsLayout,
} from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { place } from '../reference/draw.ts';
import type { Vector } from '../reference/matrix.ts';
import { logDensity } from '../reference/mixture.ts';
import { drawNormals } from '../reference/normals.ts';
import { isUsable, searchValue, userPoint } from '../reference/objective.ts';
import { purpose, randomWords, type Words2 } from '../reference/philox.ts';
import { type Target, totalGradient, totalHessian, whitenGradient, whitenHessian } from '../reference/sample.ts';
import { groupingOf, packFor, quadGroupings } from './grouping.ts';
import { type Bench, brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import {
  type Chunk,
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  layOut,
  liveCounts,
  packMatrix,
  randomMixture,
  randomRectangles,
  type TestMixture,
  wholeRectangle,
} from './kernels-content.ts';
import { boundaryOf, objectiveBounds, type TestObjective, testBox, testObjective, testObjectiveText } from './kernels-objective.ts';
import {
  densityBounds,
  EPSILON,
  expectEqual,
  expectNear,
  expectSame,
  expectVector,
  whitenedGradientBound,
  whitenedHessianBound,
} from './kernels-tolerance.ts';
import { normalBound } from './random.ts';

/** The draw of a sample against the twin's; then the twin goes on from the device's own. */
export function checkNormals(got: Vector, sample: number, component: number, round: number, seed: Words2, scale: number): void {
  drawNormals(got.length, sample, component, round, seed).forEach((want, i) => {
    const words = randomWords(i >> 2, purpose.draw, sample, component, round, seed);
    expectNear(
      `normal ${i} of sample ${sample}`,
      got[i],
      scale * want,
      scale * normalBound(words[i & 2]) + EPSILON * Math.abs(scale * want),
    );
  });
}

/** u = mu + s L eps: d products and sums of rounded numbers. */
export const placeBound = (mean: Vector, factor: number[][], eps: Vector): Vector =>
  mean.map((entry, i) => (mean.length + 4) * EPSILON * (Math.abs(entry) + factor[i].reduce((sum, l, j) => sum + Math.abs(l * eps[j]), 0)));

interface Setup {
  spec: SampleSpec;
  mixture: TestMixture;
  target: Target & { objective: TestObjective };
  samples: number;
  leaves: number;
  seed: Words2;
  round: number;
  drawScale: number;
}

const slopeRows = (spec: SampleSpec): number =>
  spec.derivatives === 'value' ? 0 : spec.dim + (spec.derivatives === 'hessian' ? pairs(spec.dim, spec.covariance) : 0);

/** Everything but the chunk's own buffers. */
function put(bench: Bench, setup: Setup, box: Float32Array<ArrayBuffer>): void {
  const { mixture, target, samples, leaves, seed, round, drawScale } = setup;
  bench.put({
    ms_control: pack(controlLayout, {
      ...defaultControl,
      ...liveCounts({ components: mixture.components.length, samples, leaves }),
      round,
      temperature: target.temperature,
      first_temperature: target.firstTemperature,
    }),
    ms_params: pack(paramsLayout, {
      ...defaultParams,
      seed,
      components: mixture.components.length,
      samples,
      leaves,
      draw_scale: drawScale,
    }),
    ms_box: box,
    ms_components: mixture.records,
    ms_factors: mixture.factors,
    ms_values: 4 * samples * mixture.components.length,
    centre: Float32Array.from(target.objective.centre),
    bad: Float32Array.from(target.objective.bad),
  });
}

async function runChunk(bench: Bench, spec: SampleSpec, chunk: Chunk): Promise<{ eps: Float32Array; slopes: Float32Array }> {
  const { stride } = chunk.values;
  bench.put({ ms_chunk: pack(chunkLayout, chunk.values), ms_eps: spec.dim * stride, ms_slopes: slopeRows(spec) * stride });
  await packFor(bench, spec.dim, spec.covariance, spec.grouping);
  await bench.dispatch(sampleKernel(spec), chunk.sampleGrid);
  const [eps, slopes] = await bench.floats('ms_eps', 'ms_slopes');
  return { eps, slopes };
}

const column = (rows: Float32Array, stride: number, index: number, first: number, count: number): Vector =>
  Array.from({ length: count }, (_, i) => rows[(first + i) * stride + index]);

/** One sample's outputs against the twin. */
function check(setup: Setup, k: number, sample: number, row: Vector, eps: Vector, slope: Vector): void {
  const { spec, mixture, target, seed, round, drawScale } = setup;
  const { dim } = spec;
  const own = mixture.components[k];
  const where = `component ${k}, sample ${sample}`;
  checkNormals(eps, sample, k, round, seed, drawScale);

  // The device's own draw, so that errors of the normals do not count twice.
  const u = place(own, eps, 1);
  const du = placeBound(own.mean, own.factor, eps);
  const objective = objectiveBounds(target, u, du);
  const density = densityBounds(mixture, u, du, spec.derivatives === 'hessian');
  const logQ = logDensity(mixture.components, u);
  expectNear(`log q of ${where}`, row[2], logQ, density.logQ);
  if (objective.undecided) return;

  const x = userPoint(target, u);
  const derivatives = spec.derivatives === 'value' ? [] : target.objective.gradient(x);
  if (![target.objective.value(x), ...derivatives].every(isUsable)) {
    expectEqual(`l of ${where}`, row[0], NO_VALUE);
    expectEqual(`f of ${where}`, row[1], NO_VALUE);
    return;
  }
  const l = searchValue(target, u);
  const { temperature } = target;
  expectNear(`l of ${where}`, row[0], l, objective.value + EPSILON * Math.abs(l));
  expectNear(
    `f of ${where}`,
    row[1],
    l - temperature * logQ,
    objective.value + temperature * density.logQ + 2 * EPSILON * (Math.abs(l) + temperature * Math.abs(logQ)),
  );
  if (spec.derivatives === 'value') return;

  const gradient = totalGradient(target, u);
  const dGradient = gradient.map(
    (entry, i) => objective.gradient[i] + temperature * density.gradient[i] + 4 * EPSILON * Math.abs(entry) + 4 * EPSILON * temperature,
  );
  const allowed = whitenedGradientBound(own.factor, gradient, dGradient);
  expectVector(`slope of ${where}`, slope, whitenGradient(own, gradient), allowed);
  if (spec.derivatives === 'gradient') return;

  const hessian = totalHessian(target, u);
  const dHessian = hessian.map((r, i) =>
    r.map((entry, j) => objective.hessian[i][j] + temperature * density.hessian[i][j] + 4 * EPSILON * Math.abs(entry)),
  );
  const allowedHessian = packMatrix(whitenedHessianBound(own.factor, hessian, dHessian), spec.covariance);
  expectVector(`curvature of ${where}`, slope.slice(dim), packMatrix(whitenHessian(own, hessian), spec.covariance), allowedHessian);
}

interface Sizes {
  components: number;
  samples: number;
  leaves: number;
  spoiled: boolean;
  content: number;
  /** Times this the means lie in the box. */
  reach?: number;
}

async function runProperty(device: GPUDevice, spec: SampleSpec, sizes: Sizes): Promise<void> {
  const random = new Content(sizes.content);
  const near = randomMixture(random, spec.dim, sizes.components, spec.covariance, 0.4);
  const { reach = 1 } = sizes;
  const moved = near.components.map((own) => ({ ...own, mean: own.mean.map((entry) => Math.fround(reach * entry)) }));
  const mixture = reach === 1 ? near : layOut(moved, spec.covariance);
  const { box, layout } = testBox(random, spec.dim);
  const setup: Setup = {
    spec,
    mixture,
    target: {
      mixture: mixture.components,
      temperature: random.uniform(0.1, 2),
      firstTemperature: random.uniform(1, 3),
      objective: testObjective(random, spec.dim, sizes.spoiled),
      sense: spec.objective.sense,
      boundary: spec.boundary,
      box,
    },
    samples: sizes.samples,
    leaves: Math.min(sizes.leaves, sizes.samples),
    seed: [random.word(), random.integer(2 ** 21)],
    round: random.integer(1000),
    drawScale: random.chance(0.3) ? 1.25 : 1,
  };
  await onBench(device, async (bench) => {
    put(bench, setup, layout);
    const slack = random.integer(3);
    const whole = chunkOf(wholeRectangle(sizes.components, setup.leaves), sizes.samples, setup.leaves, { slack, gridWidth: 3 });
    const all = await runChunk(bench, spec, whole);
    const [values] = await bench.floats('ms_values');
    const { stride } = whole.values;
    for (let k = 0; k < sizes.components; k++) {
      for (let sample = 0; sample < sizes.samples; sample++) {
        const index = whole.index(k, sample);
        const row = Array.from(values.subarray(4 * (k * sizes.samples + sample), 4 * (k * sizes.samples + sample) + 4));
        check(setup, k, sample, row, column(all.eps, stride, index, 0, spec.dim), column(all.slopes, stride, index, 0, slopeRows(spec)));
      }
    }

    // The same bits by rectangles, each with buffers of its own.
    bench.put({ ms_values: values.length });
    for (const rectangle of randomRectangles(random, sizes.components, setup.leaves)) {
      const chunk = chunkOf(rectangle, sizes.samples, setup.leaves, { slack: random.integer(3), gridWidth: 2 });
      const part = await runChunk(bench, spec, chunk);
      const { first_sample, sample_count } = chunk.values;
      for (let k = rectangle.firstComponent; k < rectangle.firstComponent + rectangle.componentCount; k++) {
        for (let sample = first_sample; sample < first_sample + sample_count; sample++) {
          for (const [name, rows] of [
            ['eps', spec.dim],
            ['slopes', slopeRows(spec)],
          ] as const) {
            const inPart = column(part[name], chunk.values.stride, chunk.index(k, sample), 0, rows);
            const inWhole = column(all[name], stride, whole.index(k, sample), 0, rows);
            expectSame(`${name} of component ${k}, sample ${sample}, chunked`, inPart, inWhole);
          }
        }
      }
    }
    expectSame('values, chunked', (await bench.floats('ms_values'))[0], values);
  });
}

/** The property at sizes drawn for the spec's d, and of one component. */
async function holds(device: GPUDevice, spec: SampleSpec, runs: number): Promise<void> {
  const wide = spec.dim > WIDE;
  const inputs = {
    components: fc.integer({ min: 1, max: wide ? 3 : 6 }),
    samples: fc.integer({ min: 1, max: wide ? 12 : 80 }),
    leaves: fc.integer({ min: 1, max: 4 }),
    spoiled: fc.boolean(),
    content: fc.nat(),
  };
  const alone = { components: 1, samples: wide ? 5 : 131, leaves: 3, spoiled: true, content: 1 };
  await forAll(runs, inputs, [alone], (sizes) => runProperty(device, spec, sizes));
}

const covariancesOf = (turn: number, dim: number, every: boolean): Covariance[] =>
  dim > WIDE ? ['full'] : every ? ['full', 'diagonal'] : turn % 2 === 0 ? ['full'] : ['diagonal'];

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => {
      // Every boundary meets every order of derivative; full and diagonal alternate.
      const specs = (['value', 'gradient', 'hessian'] as Derivatives[])
        .filter((derivatives) => derivatives !== 'hessian' || dim <= MAX_HESSIAN_DIM)
        .flatMap((derivatives) =>
          covariancesOf(turn, dim, every).map((covariance): SampleSpec => {
            const objective = testObjectiveText(dim, turn % 2 === 0 ? 1 : -1);
            const grouping = derivatives === 'hessian' ? ALONE : groupingOf(turn, dim);
            return { dim, covariance, derivatives, boundary: boundaryOf(turn++), objective, grouping };
          }),
        );
      return [
        `sample, d = ${dim}`,
        async (device: GPUDevice) => {
          await compileAll(device, specs.map(sampleKernel));
          for (const spec of specs) {
            await holds(device, spec, Math.ceil(runs / 2));
          }
        },
      ];
    }),
  );
}

/** Parameters read by quads (src/kernels/factor-quads.ts), of samples whose neighbours are of another component, or not there. */
function byQuads(dims: readonly number[], runs: number): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `sample by quads, d = ${dim}`,
      async (device: GPUDevice) => {
        const specs = (['value', 'gradient'] as const).flatMap((derivatives) =>
          quadGroupings(device, dim).map((grouping): SampleSpec => {
            const objective = testObjectiveText(dim, 1);
            return { dim, covariance: 'full', derivatives, boundary: boundaryOf(dim), objective, grouping };
          }),
        );
        await compileAll(device, specs.map(sampleKernel));
        for (const spec of specs) await holds(device, spec, runs);
      },
    ]),
  );
}

/** Values (and gradients) that the caller's own passes left behind, unusable ones among them. */
async function loadedValues(device: GPUDevice): Promise<void> {
  const dim = 3;
  const loaded: ObjectiveText = { data: [], sense: -1 };
  for (const derivatives of ['value', 'gradient'] as const) {
    const spec: SampleSpec = { dim, covariance: 'full', derivatives, boundary: 'none', objective: loaded };
    await forAll(3, { samples: fc.integer({ min: 1, max: 100 }), content: fc.nat() }, [], async ({ samples, content }) => {
      const random = new Content(content);
      const mixture = randomMixture(random, dim, 2, 'full');
      const count = 2 * samples;
      const rotten = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e31, -1e31];
      const some = () => (random.chance(0.1) ? rotten[random.integer(5)] : random.normal(10));
      const values = random.vector(count, some);
      const gradients = random.vector(count * dim, () => random.normal());
      values.forEach((_, i) => {
        if (random.chance(0.1)) gradients[i * dim + random.integer(dim)] = rotten[random.integer(5)];
      });
      const chunk = chunkOf(wholeRectangle(2, 1), samples, 1);
      const box = new Float32Array(4 * dim).map((_, i) => [-1, 1, 2, 0][i % 4]);
      await onBench(device, async (bench) => {
        bench.put({
          ms_control: pack(controlLayout, { ...defaultControl, ...liveCounts({ components: 2, samples, leaves: 1 }) }),
          ms_params: pack(paramsLayout, { ...defaultParams, components: 2, samples }),
          ms_box: box,
          ms_components: mixture.records,
          ms_factors: mixture.factors,
          ms_values: 4 * count,
          ms_loaded_values: Float32Array.from(values),
          ms_loaded_gradients: Float32Array.from(gradients),
        });
        const { slopes, eps } = await runChunk(bench, spec, chunk);
        const [rows] = await bench.floats('ms_values');
        for (let index = 0; index < count; index++) {
          const gradient = gradients.slice(index * dim, (index + 1) * dim);
          const usable = [values[index], ...(derivatives === 'value' ? [] : gradient)].every(isUsable);
          expectEqual(`loaded l ${index}`, rows[4 * index], usable ? Math.fround(-values[index]) : NO_VALUE);
          if (!usable || derivatives === 'value') continue;
          const own = mixture.components[Math.floor(index / samples)];
          const draw = column(eps, count, index, 0, dim);
          const u = place(own, draw, 1);
          const density = densityBounds(mixture, u, placeBound(own.mean, own.factor, draw));
          const total = totalGradient(
            {
              mixture: mixture.components,
              temperature: 1,
              firstTemperature: 1,
              sense: -1,
              boundary: 'none',
              box: [
                [-1, 1],
                [-1, 1],
                [-1, 1],
              ],
              objective: { value: () => values[index], gradient: () => gradient, hessian: () => [] },
            },
            u,
          );
          const dTotal = total.map((entry, i) => density.gradient[i] + 4 * EPSILON * (Math.abs(entry) + Math.abs(gradient[i])));
          const allowed = whitenedGradientBound(own.factor, total, dTotal);
          expectVector(`loaded slope of ${index}`, column(slopes, count, index, 0, dim), whitenGradient(own, total), allowed);
        }
      });
    });
  }
}

/** Groups of two, which the rule takes beyond what others test. */
async function byTwos(device: GPUDevice): Promise<void> {
  for (const derivatives of ['value', 'gradient'] as const) {
    for (const [dim, covariance] of [
      [18, 'diagonal'],
      [19, 'full'],
      [5, 'full'],
    ] as const) {
      const grouping = { size: 2, memory: 'storage' } as const;
      const spec: SampleSpec = { dim, covariance, derivatives, boundary: 'reflect', objective: testObjectiveText(dim, -1), grouping };
      await holds(device, spec, 3);
    }
  }
}

/** As many points as variables hold, and more than fits anywhere but storage. */
async function wide(device: GPUDevice, dim: number, size: 1 | 2 | 4, derivatives: Derivatives): Promise<void> {
  const grouping = { size, memory: 'storage' } as const;
  const objective = testObjectiveText(dim, 1);
  const spec: SampleSpec = { dim, covariance: 'full', derivatives, boundary: 'reflect', objective, grouping };
  await runProperty(device, spec, { components: 2, samples: 3, leaves: 2, spoiled: false, content: 5 });
}

/** Where tanh is one in float32. */
async function farOut(device: GPUDevice): Promise<void> {
  for (const derivatives of ['value', 'gradient', 'hessian'] as const) {
    const spec: SampleSpec = { dim: 3, covariance: 'full', derivatives, boundary: 'bounded', objective: testObjectiveText(3, -1) };
    for (const reach of [5, 17, 100]) {
      await runProperty(device, spec, { components: 6, samples: 60, leaves: 2, spoiled: false, content: reach, reach });
    }
  }
}

export const cases: Cases = {
  ...byQuads([1, 10, 19, 34], 3),
  // And 12, where products with L are loops and the rest is written out.
  ...makeCases({ ...brief, dims: [...brief.dims, 12] }),
  'sample, values loaded from elsewhere': loadedValues,
  'sample by twos': byTwos,
  'sample, d = 252, by fours': (device) => wide(device, 252, 4, 'gradient'),
  'sample, d = 504, by twos': (device) => wide(device, 504, 2, 'gradient'),
  'sample, d = 512': (device) => wide(device, 512, 1, 'value'),
  'sample, bounded, far out': farOut,
};
export const longCases: Cases = { ...makeCases(thorough), ...byQuads([2, 3, 5, 8, 16, 17, 32, 33, 72, 100], 10), ...byQuads([260], 2) };
