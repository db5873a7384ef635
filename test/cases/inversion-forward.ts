/** A forward model's way from components (or particles, or points) to misfits and log posteriors, each kernel alone. */
import fc from 'fast-check';
import { gridOf } from '../../src/gpu/pipelines.ts';
import {
  forwardKernel,
  logPosteriorKernel,
  type MemberSource,
  membersKernel,
  misfitKernel,
  residualKernel,
} from '../../src/kernels/forward.ts';
import { batchLayout, controlLayout, LANES, NO_VALUE, pack, paramsLayout } from '../../src/kernels/state.ts';
import { boxRows } from '../../src/objective/box.ts';
import { type Prior, type Transform, toPhysical, transformNumber } from '../../src/objective/prior.ts';
import type { Cases } from '../harness/cases.ts';
import { inverseLower } from '../reference/cholesky.ts';
import { logPosterior, misfit, residual, sigmaPoints, usable } from '../reference/inversion.ts';
import { diagonal, identity, type Matrix, sum, type Vector } from '../reference/matrix.ts';
import { absoluteApply, briefShapes, flat, longShapes, matrixOf, misfitWords, type Shape } from './inversion-run.ts';
import { type Bench, brief, compileAll, type Effort, forAll, onBench, thorough } from './kernel-run.ts';
import { Content, defaultControl, defaultParams, packMatrix, randomFactor, randomMixture } from './kernels-content.ts';
import { DIVISION, EPSILON, expError, expectEqual, expectNear, expectVector } from './kernels-tolerance.ts';

const kinds = Object.keys(transformNumber) as Transform['kind'][];

const batchOf = (count: number) => pack(batchLayout, { count, grid_width: 0, components: 0, spare: 0 });
const gridFor = (work: number) => gridOf(Math.ceil(work / LANES), 5);

/** Axes of every kind in turn, in a box of search coordinates. */
function randomAxes(random: Content, dim: number) {
  const lower = Float64Array.from(random.vector(dim, () => random.normal(3)));
  const box = { dim, lower, upper: lower.map((low) => Math.fround(low + random.uniform(0.1, 4))) };
  const first = random.integer(4);
  const transforms = Array.from(
    { length: dim },
    (_, i): Transform => ({ kind: kinds[(first + i) % 4], lower: random.normal(2), width: random.uniform(0.1, 10) }),
  );
  const prior: Prior = { dim, mean: lower, deviation: lower, proper: true, transforms, plain: false };
  return { box, transforms, prior };
}

/** How far theta may be off where v is off by dv. */
function physicalError({ kind, lower, width }: Transform, v: number, dv: number, theta: number): number {
  const rounding = EPSILON * (Math.abs(lower) + 2 * Math.abs(theta));
  if (kind === 'none') return dv;
  if (kind === 'exponential') return Math.exp(v) * (dv + expError(v)) + rounding;
  if (kind === 'logistic') {
    const share = 1 / (1 + Math.exp(-v));
    return width * share * ((1 - share) * (dv + expError(v)) + DIVISION + 2 * EPSILON) + rounding;
  }
  // Abramowitz and Stegun 7.1.26 is good to 1.5e-7 of erf; its terms are rounded, and so is exp(-v^2/2).
  const square = 0.5 * v * v;
  const t = 1 / (1 + 0.3275911 * Math.SQRT1_2 * Math.abs(v));
  const terms = 0.5 * t * (0.26 + t * (0.29 + t * (1.43 + t * (1.46 + t * 1.07))));
  const arithmetic = terms * Math.exp(-square) * (20 * EPSILON + expError(square) + 4 * EPSILON * square);
  return width * (0.4 * Math.exp(-square) * dv + 7.5e-8 + arithmetic) + rounding;
}

/** Search coordinates of members, with the sizes of what was added up for each. */
interface Member {
  u: Vector;
  size: Vector;
}

async function membersProperty(device: GPUDevice, dim: number, source: MemberSource, count: number, content: number): Promise<void> {
  const random = new Content(content);
  const { box, transforms, prior } = randomAxes(random, dim);
  const sides = boxRows(box);
  const mixture = randomMixture(random, dim, count, 'full', 0.6);
  const c = random.uniform(0.3, 2);
  const given = matrixOf(random, count, dim, 2);
  const members: Member[] =
    source === 'sigma'
      ? mixture.components.flatMap(({ mean, factor }) =>
          sigmaPoints(dim, c).map((z) => ({
            u: mean.map((entry, i) => entry + sum(z.map((zj, j) => factor[i][j] * zj))),
            size: absoluteApply(factor, z).map((entry, i) => entry + Math.abs(mean[i])),
          })),
        )
      : given.map((u) => ({ u, size: u.map(Math.abs) }));
  await onBench(device, async (bench) => {
    const room = (members.length + 3) * dim;
    bench.put({
      ms_control: pack(controlLayout, { ...defaultControl, components: count }),
      ms_params: pack(paramsLayout, { ...defaultParams, samples: count, draw_scale: c }),
      ms_batch: batchOf(count),
      ms_box: sides,
      ms_transforms: Float32Array.from(transforms.flatMap(({ kind, lower, width }) => [transformNumber[kind], lower, width, 0])),
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_particles: flat(given),
      ms_points: flat(given),
      ms_parameters: room,
    });
    await bench.dispatch(membersKernel({ dim, source }), gridFor(room));
    const [got] = await bench.floats('ms_parameters');
    members.forEach(({ u, size }, j) => {
      const middle = u.map((_, i) => 0.5 * (sides[4 * i] + sides[4 * i + 1]));
      const half = u.map((_, i) => 0.5 * sides[4 * i + 2]);
      const v = source === 'point' ? u : u.map((entry, i) => middle[i] + half[i] * entry);
      const dv = size.map((entry, i) => (source === 'point' ? 0 : 3 * EPSILON * (Math.abs(middle[i]) + half[i] * entry)));
      const theta = Array.from(toPhysical(v, prior));
      expectVector(
        `member ${j} of ${source}`,
        got.subarray(j * dim, (j + 1) * dim),
        theta,
        theta.map((entry, i) => physicalError(transforms[i], v[i], dv[i], entry)),
      );
    });
    for (let at = members.length * dim; at < room; at++) expectEqual(`number ${at}, beyond the members`, got[at], 0);
  });
}

/** Where v is so large that exp would overflow, theta is at its bound, or a large finite number. */
async function extremes(device: GPUDevice): Promise<void> {
  const lower = -3;
  const width = 8;
  await onBench(device, async (bench) => {
    const points = [-1e30, -500, -90, 90, 500, 1e30];
    bench.put({
      ms_batch: batchOf(points.length),
      ms_box: new Float32Array(16),
      ms_transforms: Float32Array.from(kinds.flatMap((kind) => [transformNumber[kind], lower, width, 0])),
      ms_points: flat(points.map((v) => kinds.map(() => v))),
      ms_parameters: points.length * 4,
    });
    await bench.dispatch(membersKernel({ dim: 4, source: 'point' }), 1);
    const [got] = await bench.floats('ms_parameters');
    points.forEach((v, j) => {
      const [none, exponential, uniform, logistic] = got.subarray(4 * j, 4 * j + 4);
      expectEqual(`v = ${v}`, none, Math.fround(v));
      const top = Math.exp(87);
      expectNear(`exponential of ${v}`, exponential, v < 0 ? lower : top, v < 0 ? 0 : expError(87) * top);
      for (const theta of [uniform, logistic]) expectNear(`bounds at ${v}`, theta, v < 0 ? lower : lower + width, 4 * EPSILON * width);
    });
  });
}

const user = {
  file: 'forward.wgsl',
  text: `fn forward(theta: Point, y: ptr<function, Observation>) {
  for (var i = 0u; i < OBSERVATIONS; i++) {
    (*y)[i] = table[i] * theta[i % DIM] + theta[(i + 1u) % DIM];
  }
}`,
};

async function checkForward(bench: Bench, { dim, observations }: Shape, random: Content, count: number): Promise<void> {
  const theta = matrixOf(random, count, dim);
  const table = random.vector(observations);
  const beyond = 2 * observations;
  bench.put({
    ms_batch: batchOf(count),
    ms_parameters: flat(theta),
    table: Float32Array.from(table),
    ms_predictions: count * observations + beyond,
  });
  await bench.dispatch(forwardKernel({ dim, observations, user, data: ['table'] }), gridFor(count));
  const [got] = await bench.floats('ms_predictions');
  theta.forEach((own, j) => {
    const terms = table.map((entry, i) => [entry * own[i % dim], own[(i + 1) % dim]]);
    const want = terms.map(([a, b]) => a + b);
    const allowed = terms.map(([a, b]) => 2 * EPSILON * (Math.abs(a) + Math.abs(b)));
    expectVector(`predictions of member ${j}`, got.subarray(j * observations, (j + 1) * observations), want, allowed);
  });
  for (let i = 0; i < beyond; i++) expectEqual('predictions beyond the members', got[count * observations + i], 0);
}

/** Predictions, some of them of failed runs. */
function randomPredictions(random: Content, count: number, observations: number): Matrix {
  return matrixOf(random, count, observations, 2 ** random.uniform(-3, 6)).map((row) => {
    if (!random.chance(0.3)) return row;
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Math.fround(1e30), Math.fround(-3e38)][random.integer(5)];
    const at = random.integer(observations);
    return row.map((entry, i) => (i === at ? bad : entry));
  });
}

async function checkResidual(bench: Bench, { dim, observations }: Shape, random: Content, count: number): Promise<void> {
  const predictions = randomPredictions(random, count, observations);
  const y = random.vector(observations, () => random.normal(10));
  for (const full of [false, true]) {
    const whitener = full ? randomFactor(random, observations, 'full', 2) : diagonal(random.vector(observations));
    bench.put({
      ms_batch: batchOf(count),
      ms_predictions: flat(predictions),
      ms_y: Float32Array.from(y),
      ms_whitener: Float32Array.from(packMatrix(whitener, full ? 'full' : 'diagonal')),
      ms_residuals: (count + 1) * observations,
    });
    await bench.dispatch(residualKernel({ dim, observations, full }), gridFor((count + 1) * observations));
    const [got] = await bench.floats('ms_residuals');
    predictions.forEach((g, j) => {
      const size = y.map((datum, i) => (usable(g[i]) ? Math.abs(datum - g[i]) : 0));
      expectVector(
        `residuals of member ${j}, ${full ? 'full' : 'diagonal'}`,
        got.subarray(j * observations, (j + 1) * observations),
        residual(y, g, whitener),
        absoluteApply(whitener, size).map((entry) => ((full ? observations : 0) + 3) * EPSILON * entry),
      );
    });
    expectVector('residuals beyond the members', got.subarray(count * observations), new Array<number>(observations).fill(0), 0);
  }
}

async function checkMisfit(bench: Bench, { dim, observations }: Shape, random: Content, count: number): Promise<void> {
  const predictions = randomPredictions(random, count, observations);
  // Too large to be squared and summed, now and then.
  const residuals = predictions.map(() => random.vector(observations, () => random.normal(random.chance(0.1 / observations) ? 1e20 : 3)));
  bench.put({
    ms_batch: batchOf(count),
    ms_predictions: flat(predictions),
    ms_residuals: flat(residuals),
    ms_misfits: count + 1,
  });
  await bench.dispatch(misfitKernel({ dim, observations }), gridFor(count));
  const [got] = await bench.floats('ms_misfits');
  predictions.forEach((g, j) => {
    const want = misfit(g, residuals[j]);
    if (want === undefined) expectEqual(`misfit of failed member ${j}`, got[j], NO_VALUE);
    else expectNear(`misfit of member ${j}`, got[j], want, (observations + 2) * EPSILON * want);
  });
  expectEqual('misfit beyond the members', got[count], 0);
}

async function checkLogPosterior(bench: Bench, { dim }: Shape, random: Content, count: number): Promise<void> {
  const { box } = randomAxes(random, dim);
  const sides = boxRows(box);
  const points = matrixOf(random, count, dim, 3);
  const misfits = points.map(() => (random.chance(0.2) ? undefined : Math.fround(random.normal(5) ** 2)));
  const inverse = inverseLower(randomFactor(random, dim, 'full', 1)).map((row) => row.map(Math.fround));
  // A constant of the kernel's text: few values, few compilations.
  const logNorm = [-12.5, 3.25][random.integer(2)];
  for (const [proper, correlated] of [
    [false, false],
    [true, false],
    [true, true],
  ] as const) {
    bench.put({
      ms_batch: batchOf(count),
      ms_box: sides,
      ms_misfits: misfitWords(misfits),
      ms_points: flat(points),
      ...(correlated ? { ms_prior: Float32Array.from(packMatrix(inverse, 'full')) } : {}),
      ms_values: count + 1,
    });
    await bench.dispatch(logPosteriorKernel({ dim, proper, correlated, logNorm }), gridFor(count));
    const [got] = await bench.floats('ms_values');
    const matrix = correlated ? inverse : identity(dim);
    points.forEach((point, j) => {
      const phi = misfits[j];
      if (phi === undefined) {
        if (usable(got[j])) throw new Error(`log posterior of failed member ${j} is ${got[j]}, a number that counts`);
        return;
      }
      const middle = point.map((_, i) => 0.5 * (sides[4 * i] + sides[4 * i + 1]));
      const standard = point.map((v, i) => (v - middle[i]) / (0.5 * sides[4 * i + 2]));
      // v - mean is off by what rounding takes of each.
      const error = point.map(
        (v, i) => (2 * EPSILON * (Math.abs(v) + Math.abs(middle[i]))) / (0.5 * sides[4 * i + 2]) + DIVISION * Math.abs(standard[i]),
      );
      const size = absoluteApply(matrix, standard);
      const rowErrors = absoluteApply(matrix, error).map((entry, i) => entry + (dim + 2) * EPSILON * size[i]);
      const squares = sum(size.map((entry, i) => entry * rowErrors[i] + ((dim + 2) * EPSILON * entry * entry) / 2));
      const want = logPosterior(phi, standard, proper ? matrix : undefined, logNorm);
      const added = EPSILON * (4 * Math.abs(logNorm) + 4 * phi + 2 * Math.abs(want));
      expectNear(`log posterior of member ${j}`, got[j], want, added + (proper ? squares : 0));
    });
    expectEqual('value beyond the members', got[count], 0);
  }
}

const checks = { forward: checkForward, residual: checkResidual, misfit: checkMisfit, 'log posterior': checkLogPosterior };

function makeCases({ runs }: Pick<Effort, 'runs'>, shapes: readonly Shape[]): Cases {
  const cases: Cases = {};
  for (const shape of shapes) {
    const { dim, observations, most } = shape;
    cases[`members, d = ${dim}`] = async (device) => {
      const sources = ['sigma', 'particle', 'point'] as const;
      await compileAll(
        device,
        sources.map((source) => membersKernel({ dim, source })),
      );
      for (const source of sources) {
        await forAll(runs, { count: fc.integer({ min: 1, max: most }), content: fc.nat() }, [{ count: 1, content: 1 }], (sizes) =>
          membersProperty(device, dim, source, sizes.count, sizes.content),
        );
      }
    };
    for (const [name, check] of Object.entries(checks)) {
      cases[`${name}, d = ${dim}, m = ${observations}`] = async (device) => {
        const inputs = { count: fc.integer({ min: 1, max: 150 }), content: fc.nat() };
        await forAll(runs, inputs, [{ count: 65, content: 1 }], ({ count, content }) =>
          onBench(device, (bench) => check(bench, shape, new Content(content), count)),
        );
      };
    }
  }
  return cases;
}

export const cases: Cases = { ...makeCases(brief, briefShapes), 'parameters beyond what exp can hold': extremes };
export const longCases = makeCases(thorough, longShapes);
