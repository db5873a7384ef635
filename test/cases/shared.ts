/** A shared batch: drawn from the mixture (by weight, evenly, stratified), weighed for each component; and drawing alone. */
import fc from 'fast-check';
import { type DrawSpec, drawKernel } from '../../src/kernels/draw.ts';
import { type ReweighSpec, reweighKernel } from '../../src/kernels/reweigh.ts';
import { type Proposal, type SharedSampleSpec, sharedSampleKernel } from '../../src/kernels/shared-sample.ts';
import { type Covariance, chunkLayout, controlLayout, NO_VALUE, pack, paramsLayout } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { inverseLower } from '../reference/cholesky.ts';
import { choiceNumber, choose, place, shares } from '../reference/draw.ts';
import { addVectors, apply, scaleVector, type Vector } from '../reference/matrix.ts';
import { logDensity, logGaussian } from '../reference/mixture.ts';
import { drawNormals } from '../reference/normals.ts';
import { isUsable, type Setting, searchValue, userPoint } from '../reference/objective.ts';
import { purpose, randomWords, SHARED, type Words2 } from '../reference/philox.ts';
import { importanceWeight, logProposal, totalGradient, whitenGradient } from '../reference/sample.ts';
import { type Bench, brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, chunkOf, defaultControl, defaultParams, randomMixture, type TestMixture, wholeRectangle } from './kernels-content.ts';
import { boundaryOf, objectiveBounds, type TestObjective, testBox, testObjective, testObjectiveText } from './kernels-objective.ts';
import {
  densityBounds,
  EPSILON,
  expError,
  expectEqual,
  expectNear,
  expectVector,
  logGaussianBound,
  whitenedGradientBound,
} from './kernels-tolerance.ts';
import { normalBound } from './random.ts';
import { placeBound } from './sample.ts';

const proposals: Proposal[] = ['mixture', 'flat', 'stratified'];

interface Setup {
  random: Content;
  mixture: TestMixture;
  samples: number;
  seed: Words2;
  round: number;
  drawScale: number;
  temperature: number;
  firstTemperature: number;
}

function setUp(content: number, dim: number, components: number, samples: number, covariance: Covariance): Setup {
  const random = new Content(content);
  return {
    random,
    mixture: randomMixture(random, dim, components, covariance, 0.4),
    samples,
    seed: [random.word(), random.integer(2 ** 21)],
    round: random.integer(1000),
    drawScale: random.chance(0.3) ? 1.25 : 1,
    temperature: random.uniform(0.1, 2),
    firstTemperature: random.uniform(1, 3),
  };
}

function putState(bench: Bench, setup: Setup): void {
  const { mixture, samples, seed, round, drawScale, temperature, firstTemperature } = setup;
  bench.put({
    ms_control: pack(controlLayout, { ...defaultControl, round, temperature, first_temperature: firstTemperature }),
    ms_params: pack(paramsLayout, { ...defaultParams, seed, components: mixture.components.length, samples, draw_scale: drawScale }),
    ms_components: mixture.records,
    ms_factors: mixture.factors,
  });
}

/** The normals of a draw in float64, and how far the device's may be. */
function normals(setup: Setup, sample: number, stream: number): { eps: Vector; error: Vector } {
  const { mixture, round, seed, drawScale } = setup;
  const eps = drawNormals(mixture.dim, sample, stream, round, seed);
  const error = eps.map((_, i) => drawScale * normalBound(randomWords(i >> 2, purpose.draw, sample, stream, round, seed)[i & 2]));
  return { eps, error };
}

/**
 * Where a draw lies and how far off it may be; undefined where the number that chooses the component is within the rounding of
 * K sums of exponentials of a boundary between two.
 */
function drawn(setup: Setup, sample: number, stream: number, k: number): { u: Vector; du: Vector } {
  const { eps, error } = normals(setup, sample, stream);
  const own = setup.mixture.components[k];
  const scaled = scaleVector(setup.drawScale, eps);
  const carried = apply(
    own.factor.map((row) => row.map(Math.abs)),
    error,
  );
  return { u: place(own, eps, setup.drawScale), du: addVectors(placeBound(own.mean, own.factor, scaled), carried) };
}

function chosen(setup: Setup, proposal: Proposal, sample: number): number | undefined {
  const { components } = setup.mixture;
  const u = choiceNumber(sample, setup.round, setup.seed);
  const rounding = (components.length + 8) * 2 * EPSILON;
  if (
    proposal !== 'stratified' &&
    shares(components, proposal)
      .slice(0, -1)
      .some((end) => Math.abs(end - u) <= rounding)
  )
    return undefined;
  return choose(components, proposal, sample, u);
}

/** Points of the draw kernel in user coordinates. */
async function drawProperty(device: GPUDevice, spec: DrawSpec, components: number, samples: number, content: number): Promise<void> {
  const setup = setUp(content, spec.dim, components, samples, spec.covariance);
  const { box, layout } = testBox(setup.random, spec.dim);
  const setting = {
    objective: testObjective(setup.random, spec.dim, false),
    sense: 1,
    boundary: spec.boundary,
    box,
    firstTemperature: 1,
  } as const;
  const leaves = Math.min(3, samples);
  // A chunk in the middle: the second leaf on, and for own samples the last component only.
  const rectangle = {
    firstComponent: spec.proposal ? 0 : components - 1,
    componentCount: 1,
    firstLeaf: leaves > 1 ? 1 : 0,
    leafCount: leaves > 1 ? leaves - 1 : 1,
  };
  const chunk = chunkOf(rectangle, samples, leaves, { gridWidth: 2 });
  await onBench(device, async (bench) => {
    putState(bench, setup);
    bench.put({ ms_box: layout, ms_chunk: pack(chunkLayout, chunk.values), ms_user_points: chunk.count * spec.dim });
    await bench.dispatch(drawKernel(spec), chunk.sampleGrid);
    const [points] = await bench.floats('ms_user_points');
    const { first_sample, sample_count } = chunk.values;
    for (let sample = first_sample; sample < first_sample + sample_count; sample++) {
      const k = spec.proposal ? chosen(setup, spec.proposal, sample) : rectangle.firstComponent;
      if (k === undefined) continue;
      const { u, du } = drawn(setup, sample, spec.proposal ? SHARED : k, k);
      const bounds = objectiveBounds(setting, u, du).x;
      const at = (sample - first_sample) * spec.dim;
      expectVector(`draw ${sample}`, points.subarray(at, at + spec.dim), userPoint(setting, u), bounds);
      if (spec.boundary !== 'none') {
        box.forEach((_, i) => {
          const x = points[at + i];
          if (x < box[i][0] || x > box[i][1]) throw new Error(`coordinate ${i} of draw ${sample} is ${x}, outside the box ${box[i]}`);
        });
      }
    }
  });
}

/** The whole shared batch, then every component's view of it. */
async function sharedProperty(
  device: GPUDevice,
  spec: SharedSampleSpec,
  sizes: { components: number; count: number; spoiled: boolean; content: number },
): Promise<void> {
  const { dim, covariance, derivatives, proposal } = spec;
  const { components } = sizes;
  const samples = sizes.count;
  const setup = setUp(sizes.content, dim, components, samples, covariance);
  const { mixture, random, temperature, firstTemperature } = setup;
  const { box, layout } = testBox(random, dim);
  const objective = testObjective(random, dim, sizes.spoiled);
  const target = {
    mixture: mixture.components,
    temperature,
    firstTemperature,
    objective,
    sense: spec.objective.sense,
    boundary: spec.boundary,
    box,
  } as const;
  const slack = random.integer(3);
  const batch = chunkOf(wholeRectangle(1, 1), samples, 1, { slack, gridWidth: 2 });
  await onBench(device, async (bench) => {
    putState(bench, setup);
    bench.put({
      ms_box: layout,
      centre: Float32Array.from(objective.centre),
      bad: Float32Array.from(objective.bad),
      ms_chunk: pack(chunkLayout, batch.values),
      ms_values: 4 * samples,
      ms_points: dim * batch.values.batch_stride,
      ms_point_slopes: dim * batch.values.batch_stride,
    });
    await bench.dispatch(sharedSampleKernel(spec), batch.sampleGrid);
    const [values, points, slopes] = await bench.floats('ms_values', 'ms_points', 'ms_point_slopes');
    const stride = batch.values.batch_stride;
    const at = (rows: Float32Array, sample: number): Vector => Array.from({ length: dim }, (_, i) => rows[i * stride + sample]);
    for (let sample = 0; sample < samples; sample++) {
      const k = chosen(setup, proposal, sample);
      const u = at(points, sample);
      if (k !== undefined) {
        const want = drawn(setup, sample, SHARED, k);
        expectVector(`point of sample ${sample}`, u, want.u, want.du);
      }
      checkShared(setup, spec, target, sample, u, Array.from(values.subarray(4 * sample, 4 * sample + 4)), at(slopes, sample));
    }
    await reweighed(bench, setup, { dim, covariance, derivatives }, batch.values.batch_stride, values, points, slopes);
  });
}

/** One sample's values against the twin, at the device's own point (which is therefore exact). */
function checkShared(
  setup: Setup,
  spec: SharedSampleSpec,
  target: Parameters<typeof totalGradient>[0] & Setting & { objective: TestObjective },
  sample: number,
  u: Vector,
  row: Vector,
  slope: Vector,
): void {
  const { mixture, temperature } = setup;
  const exact = u.map(() => 0);
  const density = densityBounds(mixture, u, exact);
  const flat = spec.proposal !== 'mixture';
  const logQ = logDensity(mixture.components, u);
  expectNear(`log proposal of sample ${sample}`, row[2], logProposal(mixture.components, flat, u), flat ? density.logFlat : density.logQ);
  const objective = objectiveBounds(target, u, exact);
  if (objective.undecided) return;
  const x = userPoint(target, u);
  const derivatives = spec.derivatives === 'value' ? [] : target.objective.gradient(x);
  if (![target.objective.value(x), ...derivatives].every(isUsable)) {
    expectEqual(`l of sample ${sample}`, row[0], NO_VALUE);
    expectEqual(`f of sample ${sample}`, row[1], NO_VALUE);
    return;
  }
  const l = searchValue(target, u);
  expectNear(`l of sample ${sample}`, row[0], l, objective.value + EPSILON * Math.abs(l));
  const dF = objective.value + temperature * density.logQ + 2 * EPSILON * (Math.abs(l) + temperature * Math.abs(logQ));
  expectNear(`f of sample ${sample}`, row[1], l - temperature * logQ, dF);
  if (spec.derivatives === 'value') return;
  totalGradient(target, u).forEach((want, i) => {
    const allowed = objective.gradient[i] + temperature * density.gradient[i] + 4 * EPSILON * (Math.abs(want) + temperature);
    expectNear(`slope ${i} of sample ${sample}`, slope[i], want, allowed);
  });
}

/** Weights, whitened draws and slopes of a rectangle of components and samples. */
async function reweighed(
  bench: Bench,
  setup: Setup,
  spec: ReweighSpec,
  batchStride: number,
  values: Float32Array,
  points: Float32Array,
  slopes: Float32Array,
): Promise<void> {
  const { mixture, random, samples } = setup;
  const { dim } = spec;
  const count = mixture.components.length;
  const first = random.integer(count);
  const rectangle = { firstComponent: first, componentCount: count - first, firstLeaf: 0, leafCount: 1 };
  const chunk = chunkOf(rectangle, samples, 1, { slack: random.integer(3), gridWidth: 3 });
  const { stride } = chunk.values;
  bench.put({
    ms_chunk: pack(chunkLayout, { ...chunk.values, batch_stride: batchStride }),
    ms_weights: chunk.count,
    ms_eps: dim * stride,
    ms_slopes: dim * stride,
  });
  await bench.dispatch(reweighKernel(spec), chunk.sampleGrid);
  const [weights, eps, whitened] = await bench.floats('ms_weights', 'ms_eps', 'ms_slopes');
  for (let k = first; k < count; k++) {
    const own = mixture.components[k];
    const inverse = inverseLower(own.factor);
    for (let sample = 0; sample < samples; sample++) {
      const where = `sample ${sample} for component ${k}`;
      const index = chunk.index(k, sample);
      const u = Array.from({ length: dim }, (_, i) => points[i * batchStride + sample]);
      const apart = u.map((entry, i) => entry - own.mean[i]);
      apply(inverse, apart).forEach((want, i) => {
        const size = mixture.inverses[k][i].reduce((sum, entry, j) => sum + entry * Math.abs(apart[j]), 0);
        expectNear(`eps ${i} of ${where}`, eps[i * stride + index], want, (dim + 3) * EPSILON * size);
      });
      const log = values[4 * sample + 2];
      const exponent = logGaussian(own, u) - log;
      const exponentError =
        logGaussianBound(
          own,
          mixture.inverses[k],
          u,
          u.map(() => 0),
        ) +
        EPSILON * (Math.abs(exponent) + Math.abs(log));
      const want = importanceWeight(own, u, log);
      expectNear(`weight of ${where}`, weights[index], want, want * (Math.expm1(exponentError) + expError(Math.min(exponent, 40))));
      if (spec.derivatives === 'value') continue;
      const slope = Array.from({ length: dim }, (_, i) => slopes[i * batchStride + sample]);
      if (!slope.every(isUsable)) continue;
      const allowed = whitenedGradientBound(
        own.factor,
        slope,
        slope.map(() => 0),
      );
      const got = slope.map((_, i) => whitened[i * stride + index]);
      expectVector(`slope of ${where}`, got, whitenGradient(own, slope), allowed);
    }
  }
}

const sources = [undefined, ...proposals] as const;

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  const cases: Cases = {};
  for (const dim of dims) {
    const sizes = {
      components: fc.integer({ min: 1, max: dim > WIDE ? 3 : 9 }),
      count: fc.integer({ min: 1, max: dim > WIDE ? 12 : 100 }),
      spoiled: fc.boolean(),
      content: fc.nat(),
    };
    const alone = { components: 1, count: dim > WIDE ? 7 : 131, spoiled: true, content: 2 };
    // Turns of different lengths, so that over the dimensions all flags meet.
    const draws = (every ? sources : [sources[turn % 4], sources[(turn + 1) % 4]]).map(
      (proposal): DrawSpec => ({
        dim,
        covariance: turn % 3 === 0 ? 'diagonal' : 'full',
        boundary: boundaryOf(turn++),
        proposal,
      }),
    );
    const batches = (['value', 'gradient'] as const).flatMap((derivatives) =>
      (every ? (['full', 'diagonal'] as const) : ([turn % 4 < 2 ? 'full' : 'diagonal'] as const)).map(
        (covariance): SharedSampleSpec => ({
          dim,
          covariance,
          derivatives,
          boundary: boundaryOf(turn),
          proposal: proposals[turn++ % 3],
          objective: testObjectiveText(dim, turn % 2 === 0 ? 1 : -1),
        }),
      ),
    );
    cases[`draw, d = ${dim}`] = async (device) => {
      await compileAll(device, draws.map(drawKernel));
      for (const spec of draws) {
        await forAll(Math.ceil(runs / 3), sizes, [alone], ({ components, count, content }) =>
          drawProperty(device, spec, components, count, content),
        );
      }
    };
    cases[`shared batch and its weights, d = ${dim}`] = async (device) => {
      await compileAll(device, [...batches.map(sharedSampleKernel), ...batches.map(reweighKernel)]);
      for (const spec of batches) await forAll(Math.ceil(runs / 2), sizes, [alone], (values) => sharedProperty(device, spec, values));
    };
  }
  return cases;
}

export const cases = makeCases(brief);
export const longCases = makeCases(thorough);
