/** The kernels of an ensemble's iteration, each alone against its twin; failed members leave no trace in it. */
import fc from 'fast-check';
import {
  type EnsembleKernel,
  type EnsembleSpec,
  ensembleField,
  ensembleKernels,
  ensembleRows,
  ensembleSize,
  ensembleWork,
} from '../../src/kernels/ensemble.ts';
import type { PriorKind } from '../../src/kernels/sigma.ts';
import { controlLayout, LANES, NO_VALUE, pack, paramsLayout, stopBit, TRACE_ROW, TRACE_ROWS, unpack } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import {
  deviations,
  driftStep,
  misfitStatistics,
  misfitStep,
  particleNoise,
  particleNormals,
  particlePurpose,
  ridgeOf,
} from '../reference/ensemble.ts';
import { absolute, apply, dot, type Matrix, multiply, transpose, type Vector } from '../reference/matrix.ts';
import { type Bench, brief, compileAll, type Effort, forAll, onBench, thorough } from './kernel-run.ts';
import { Content, defaultControl, defaultParams, packMatrix, randomFactor, unpackMatrix } from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear, expectSame, expectSameBits, expectVector } from './kernels-tolerance.ts';
import { normalBound } from './random.ts';

interface Run {
  spec: EnsembleSpec;
  random: Content;
  misfits: (number | undefined)[];
  seed: readonly [number, number];
  round: number;
}

const kinds: readonly { rule: EnsembleSpec['rule']; prior: PriorKind }[] = [
  { rule: 'inversion', prior: 'independent' },
  { rule: 'sampler', prior: 'none' },
  { rule: 'sampler', prior: 'independent' },
  { rule: 'sampler', prior: 'correlated' },
];

const flat = (rows: Matrix): Float32Array<ArrayBuffer> => Float32Array.from(rows.flat());
/** Of a buffer that may be longer. */
const rowsOf = (numbers: Float32Array, count: number, width: number): Matrix =>
  Array.from({ length: count }, (_, j) => Array.from(numbers.subarray(j * width, (j + 1) * width)));
const largest = (numbers: Vector): number => Math.max(0, ...numbers.map(Math.abs));
const misfitWords = (misfits: Run['misfits']): Float32Array<ArrayBuffer> => Float32Array.from(misfits, (misfit) => misfit ?? NO_VALUE);

function randomRun(spec: EnsembleSpec, content: number, failing: number): Run {
  const random = new Content(content);
  const size = 2 ** random.uniform(-4, 8);
  const misfits = random
    .vector(spec.particles, () => Math.fround(random.normal(size) ** 2))
    .map((m) => (random.chance(failing) ? undefined : m));
  return { spec, random, misfits, seed: [random.word(), random.word()], round: random.integer(1000) };
}

async function dispatch(
  bench: Bench,
  { spec, seed, round }: Run,
  name: EnsembleKernel,
  params: Partial<typeof defaultParams> = {},
): Promise<void> {
  const work = ensembleWork(spec)[name];
  bench.put({
    ms_control: pack(controlLayout, { ...defaultControl, round }),
    ms_params: pack(paramsLayout, { ...defaultParams, rate: 0, samples: spec.particles, seed, ...params }),
  });
  await bench.dispatch(ensembleKernels(spec)[name], 'workgroups' in work ? work.workgroups : Math.ceil(work.invocations / LANES));
}

/** Contents of `ms_ensemble`. */
function ensembleWords(
  dim: number,
  values: Partial<Record<keyof typeof ensembleField, number>>,
  mean: Vector = [],
): Float32Array<ArrayBuffer> {
  const words = new Float32Array(ensembleSize(dim));
  for (const [name, value] of Object.entries(values)) words[ensembleField[name as keyof typeof ensembleField]] = value;
  words.set(mean, ensembleField.mean);
  return words;
}

/** Axis by axis far from the origin, as a narrow ensemble may be. */
function farRows(random: Content, count: number, width: number): Matrix {
  const places = random.vector(width, () => random.normal(random.chance(0.5) ? 100 : 0));
  const scale = 2 ** random.uniform(-6, 3);
  return Array.from({ length: count }, () => places.map((place) => Math.fround(place + random.normal(scale))));
}

async function checkDeviations(bench: Bench, run: Run): Promise<void> {
  const { spec, random, misfits } = run;
  const { dim, observations, particles } = spec;
  const rows = ensembleRows(spec);
  const ensemble = { particles: farRows(random, particles, dim), residuals: farRows(random, particles, observations), misfits };
  const untouched = random.vector(particles * rows);
  bench.put({
    ms_particles: flat(ensemble.particles),
    ms_residuals: flat(ensemble.residuals),
    ms_misfits: misfitWords(misfits),
    ms_deviations: particles * dim,
    ms_responses: Float32Array.from(untouched),
    ms_ensemble: ensembleWords(dim, { time: 0.5, lowest: 3 }),
  });
  await dispatch(bench, run, 'deviations');
  const [gotDeviations, gotResponses, words] = await bench.floats('ms_deviations', 'ms_responses', 'ms_ensemble');
  const want = deviations(ensemble);
  const n = want.count + 4;
  // The first mean is off by n roundings of sums of what is there; the second pass leaves n roundings of that and of the deviations.
  const bound = (column: Vector, deviation: Vector): number =>
    n * EPSILON * (2 * largest(deviation) + n * EPSILON * largest(column)) + 2 * EPSILON * largest(deviation);
  const axes = transpose(ensemble.particles).map((column, i) =>
    bound(
      column,
      want.particles.map((row) => row[i]),
    ),
  );
  const data = transpose(ensemble.residuals).map((column, i) =>
    bound(
      column,
      want.responses.map((row) => row[i]),
    ),
  );
  rowsOf(gotDeviations, particles, dim).forEach((row, j) => {
    expectVector(`deviation of particle ${j}`, row, want.particles[j], axes);
  });
  rowsOf(gotResponses, particles, rows).forEach((row, j) => {
    expectVector(`response of member ${j}`, row, want.responses[j], data);
    expectSame(`the prior's rows of member ${j}`, row.slice(observations), untouched.slice(j * rows + observations, (j + 1) * rows));
  });
  expectVector(
    'mean',
    words.subarray(ensembleField.mean),
    want.mean,
    axes.map((axis, i) => axis + 2 * EPSILON * Math.abs(want.mean[i])),
  );
  const spread = words.subarray(ensembleField.mean + dim);
  expectVector(
    'standard deviation',
    spread,
    want.deviation,
    axes.map((axis, i) => axis + (n + 8) * EPSILON * want.deviation[i]),
  );
  expectSame('what was there', [words[ensembleField.time], words[ensembleField.lowest]], [0.5, 3]);
}

async function checkInnovations(bench: Bench, run: Run): Promise<void> {
  const { spec, random, seed, round } = run;
  const { dim, observations, particles, rule, prior } = spec;
  const rows = ensembleRows(spec);
  const u = farRows(random, particles, dim);
  const deviation = farRows(random, particles, dim);
  const residuals = farRows(random, particles, observations);
  const responses = farRows(random, particles, rows);
  const lower = randomFactor(random, dim, prior === 'correlated' ? 'full' : 'diagonal', 1).map((row, i) =>
    prior === 'correlated' ? row : row.map((_, j) => (i === j ? 1 : 0)),
  );
  const step = random.uniform(0.001, 1);
  bench.put({
    ms_particles: flat(u),
    ms_deviations: flat(deviation),
    ms_residuals: flat(residuals),
    ms_responses: flat(responses),
    ms_prior: Float32Array.from(packMatrix(lower, 'full')),
    ms_ensemble: ensembleWords(dim, { step }),
    ms_innovations: particles * rows,
  });
  await dispatch(bench, run, 'innovations');
  const [gotInnovations, gotResponses] = await bench.floats('ms_innovations', 'ms_responses');
  const innovations = rowsOf(gotInnovations, particles, rows);
  const size = absolute(lower);
  u.forEach((own, j) => {
    innovations[j].slice(0, observations).forEach((got, i) => {
      if (rule === 'sampler') {
        expectEqual(`innovation ${i} of particle ${j}`, got, residuals[j][i]);
        return;
      }
      const block = i >> 2;
      const { words, normals } = particleNormals(particlePurpose.draw, j, block & 0xffff, block >>> 16, round, seed);
      const noise = normals[i & 3] / Math.sqrt(step);
      const allowed = normalBound(words[i & 2]) / Math.sqrt(step) + 8 * EPSILON * (Math.abs(noise) + Math.abs(residuals[j][i]));
      expectNear(`innovation ${i} of particle ${j}`, got, residuals[j][i] + noise, allowed);
    });
    if (rows === observations) return;
    const bound = (x: Vector): Vector => apply(size, x.map(Math.abs)).map((entry) => (dim + 2) * EPSILON * entry);
    expectVector(
      `prior's innovation of particle ${j}`,
      innovations[j].slice(observations),
      apply(lower, own).map((x) => -x),
      bound(own),
    );
    const response = gotResponses.subarray(j * rows, (j + 1) * rows);
    expectSame(`response of member ${j}`, response.subarray(0, observations), responses[j].slice(0, observations));
    expectVector(`prior's response of member ${j}`, response.subarray(observations), apply(lower, deviation[j]), bound(deviation[j]));
  });
}

async function checkProducts(bench: Bench, run: Run): Promise<void> {
  const { spec, random, misfits } = run;
  const { particles } = spec;
  const rows = ensembleRows(spec);
  const responses = farRows(random, particles, rows).map((row, k) => (misfits[k] === undefined ? row.map(() => 0) : row));
  const innovations = farRows(random, particles, rows);
  bench.put({
    ms_responses: flat(responses),
    ms_innovations: flat(innovations),
    ms_gram: (particles * (particles + 1)) / 2,
    ms_weights: particles ** 2,
  });
  await dispatch(bench, run, 'products');
  const [gram, weights] = await bench.floats('ms_gram', 'ms_weights');
  const expectProducts = (what: string, got: ArrayLike<number>, right: Matrix, keep: (rows: Matrix) => Vector): void => {
    const allowed = multiply(absolute(responses), absolute(transpose(right))).map((row) =>
      row.map((entry) => (rows + 2) * EPSILON * entry),
    );
    expectVector(what, got, keep(multiply(responses, transpose(right))), keep(allowed));
  };
  expectProducts('gram', gram, responses, (matrix) => packMatrix(matrix, 'full'));
  expectProducts('products', weights, innovations, (matrix) => matrix.flat());
}

async function checkStep(bench: Bench, run: Run): Promise<void> {
  const { spec, random, misfits } = run;
  const { dim, particles, rule, observations } = spec;
  const scale = 2 ** random.uniform(-3, 6);
  const products = Array.from({ length: particles }, () => random.vector(particles, () => random.normal(scale)));
  // What a failed particle's column holds must not matter.
  const garbled = products.map((row) => row.map((entry, j) => (misfits[j] === undefined ? 1e30 : entry)));
  const time = random.chance(0.5) ? 0 : random.uniform(0, 1);
  const rate = random.chance(0.3) ? random.uniform(0.01, 2) : 0;
  const before = random.chance(0.5) ? 3e38 : random.uniform(0, 10);
  bench.put({ ms_misfits: misfitWords(misfits), ms_weights: flat(garbled), ms_ensemble: ensembleWords(dim, { time, lowest: before }) });
  await dispatch(bench, run, 'step', { rate });
  const [words] = await bench.floats('ms_ensemble');
  const want = misfitStatistics(misfits);
  const unit = (particles + 16) * EPSILON;
  expectEqual('successful', words[ensembleField.successful], want.count);
  expectEqual('lowest', words[ensembleField.lowest], Math.fround(Math.min(want.lowest, before)));
  expectNear('mean misfit', words[ensembleField.misfit], want.mean, unit * want.mean);
  const spreadError = unit * (want.spread + want.mean);
  expectNear('spread', words[ensembleField.spread], want.spread, spreadError);
  const step = rate > 0 ? rate : rule === 'inversion' ? misfitStep(misfits, observations, time) : driftStep(products, misfits);
  // Of what the spread says of the step, as much as is known of the spread.
  const relative =
    rate > 0 ? 0 : rule === 'inversion' ? unit + (want.spread > 0 ? spreadError / want.spread : 0) : 2 * unit * Math.sqrt(particles);
  const got = words[ensembleField.step];
  if (want.count > 0) {
    expectNear('step', got, step, relative * step + EPSILON);
    const ridge = ridgeOf(rule, want.count, got);
    expectNear('ridge', words[ensembleField.ridge], ridge, 8 * EPSILON * ridge);
  }
}

async function checkFactor(bench: Bench, run: Run): Promise<void> {
  const { spec, random, misfits } = run;
  const { dim, particles } = spec;
  const rows = ensembleRows(spec);
  const responses = farRows(random, particles, rows).map((row, k) => (misfits[k] === undefined ? row.map(() => 0) : row));
  const gram = multiply(responses, transpose(responses)).map((row) => row.map(Math.fround));
  const ridge = Math.fround(2 ** random.uniform(0, 10));
  bench.put({ ms_gram: Float32Array.from(packMatrix(gram, 'full')), ms_ensemble: ensembleWords(dim, { ridge }) });
  await dispatch(bench, run, 'factor');
  const [packed] = await bench.floats('ms_gram');
  const factor = unpackMatrix(packed, particles, 'full', false);
  const got = multiply(factor, transpose(factor));
  const size = multiply(absolute(factor), absolute(transpose(factor)));
  // A singular matrix, in whose pivots nothing but rounding may be left: what that takes from the ridge is put back.
  const top = Math.max(...gram.map((row, k) => row[k]));
  gram.forEach((row, k) => {
    const own = row.slice(0, k + 1);
    const want = own.map((entry, j) => entry + (j === k ? ridge : 0));
    expectVector(
      `row ${k} of the factor's square`,
      got[k],
      want,
      own.map((_, j) => (particles + 8) * EPSILON * (size[k][j] + (j === k ? top : 0))),
    );
    if (!(factor[k][k] >= Math.sqrt(ridge) * (1 - 4 * EPSILON)))
      throw new Error(`pivot ${k}: ${factor[k][k] ** 2} is below the ridge ${ridge}`);
  });
}

async function checkWeights(bench: Bench, run: Run): Promise<void> {
  const { spec, random, misfits, seed, round } = run;
  const { dim, particles, rule } = spec;
  const factor = randomFactor(random, particles, 'full', 2);
  const products = Array.from({ length: particles }, () => random.vector(particles));
  const ridge = random.uniform(1, 100);
  const successful = Math.max(misfits.filter((misfit) => misfit !== undefined).length, 1);
  bench.put({
    ms_gram: Float32Array.from(packMatrix(factor, 'full')),
    ms_misfits: misfitWords(misfits),
    ms_weights: flat(products),
    ms_ensemble: ensembleWords(dim, { ridge, successful }),
  });
  await dispatch(bench, run, 'weights');
  const [words] = await bench.floats('ms_weights');
  const weights = transpose(rowsOf(words, particles, particles));
  const size = absolute(factor);
  weights.forEach((got, j) => {
    if (misfits[j] === undefined) {
      const { xi, words: made } = particleNoise(particlePurpose.restart, j, particles, round, seed);
      const scale = 1 / Math.sqrt(successful);
      expectVector(
        `weights of failed particle ${j}`,
        got,
        xi.map((x) => scale * x),
        xi.map((x, k) => scale * (normalBound(made[k]) + 6 * EPSILON * Math.abs(x))),
      );
      return;
    }
    const noise = particleNoise(particlePurpose.draw, j, particles, round, seed);
    const side = products.map((row, k) =>
      rule === 'inversion' ? row[j] : 2 * (row[j] + (k === j ? dim + 1 : 0) + Math.sqrt(ridge) * noise.xi[k]),
    );
    const sideError = side.map((entry, k) =>
      rule === 'inversion'
        ? 0
        : 2 * Math.sqrt(ridge) * normalBound(noise.words[k]) + 10 * EPSILON * (Math.abs(entry) + 2 * Math.sqrt(ridge)),
    );
    // Backward errors of two triangular solves (Higham 2002, theorem 8.5): residual by residual.
    const middle = apply(transpose(factor), got);
    const middleSize = apply(transpose(size), got.map(Math.abs));
    const residual = apply(factor, middle);
    const allowed = apply(size, middleSize).map((entry, k) => 3 * (particles + 4) * EPSILON * entry + sideError[k]);
    expectVector(`system of particle ${j}`, residual, side, allowed);
  });
}

async function checkMove(bench: Bench, run: Run): Promise<void> {
  const { spec, random, misfits } = run;
  const { dim, particles } = spec;
  const u = farRows(random, particles, dim).map((row, j) => (misfits[j] === undefined ? row.map(() => Number.NaN) : row));
  const deviation = farRows(random, particles, dim);
  const weights = Array.from({ length: particles }, () => random.vector(particles));
  const mean = random.vector(dim);
  const successful = misfits.filter((misfit) => misfit !== undefined).length;
  bench.put({
    ms_particles: flat(u),
    ms_deviations: flat(deviation),
    ms_weights: flat(weights),
    ms_misfits: misfitWords(misfits),
    ms_ensemble: ensembleWords(dim, { successful }, mean),
  });
  await dispatch(bench, run, 'move');
  const [got] = await bench.floats('ms_particles');
  if (successful === 0) {
    expectSame('particles where none succeeded', got.subarray(0, particles * dim), flat(u));
    return;
  }
  rowsOf(got, particles, dim).forEach((row, j) => {
    const from = misfits[j] === undefined ? mean : u[j];
    const own = weights.map((all) => all[j]);
    const move = (axis: number, of = (x: number) => x) =>
      dot(
        own.map(of),
        deviation.map((all) => of(all[axis])),
      );
    expectVector(
      `particle ${j}`,
      row,
      from.map((entry, axis) => entry + move(axis)),
      from.map((entry, axis) => (particles + 3) * EPSILON * (move(axis, Math.abs) + Math.abs(entry))),
    );
  });
}

async function checkControl(bench: Bench, run: Run): Promise<void> {
  const { spec, random, misfits } = run;
  const { dim, particles, rule } = spec;
  const successful = misfits.filter((misfit) => misfit !== undefined).length;
  const time = random.chance(0.5) ? 0 : random.uniform(0, 0.9);
  const rate = random.chance(0.3) ? random.uniform(0.01, 2) : 0;
  const ends = random.chance(0.5);
  const step = rate > 0 ? rate : ends ? Math.fround(1 - time) : Math.fround(random.uniform(0, 0.9) * (1 - time));
  const lowest = successful > 0 ? random.uniform(0, 10) : 3e38;
  const words = ensembleWords(dim, { time, step, successful, misfit: 20, spread: 3, lowest });
  words.set(
    random.vector(dim, () => random.uniform(0.1, 3)),
    ensembleField.mean + dim,
  );
  const maxEvaluations = 1000 + [particles, 2 * particles, 2 * particles - 1, 1e6][random.integer(4)];
  const maxIterations = [8, 9, 100][random.integer(3)];
  const control = {
    ...defaultControl,
    iteration: 7,
    round: 100,
    evaluations: 1000,
    non_finite: 5,
    components: 1,
    removals: 3,
    trace_count: TRACE_ROWS - 1 + random.integer(3),
  };
  bench.put({
    ms_ensemble: words,
    ms_trace: TRACE_ROWS * TRACE_ROW,
    ms_params: pack(paramsLayout, {
      ...defaultParams,
      samples: particles,
      rate,
      max_evaluations: maxEvaluations,
      max_iterations: maxIterations,
    }),
    ms_control: pack(controlLayout, control),
  });
  const kernel = ensembleKernels(spec)['ensemble control'];
  await bench.dispatch(kernel, 1);
  const [block, after, trace] = await bench.floats('ms_control', 'ms_ensemble', 'ms_trace');
  const got = unpack(controlLayout, block.buffer);
  const settled = rule === 'inversion' && rate === 0 && successful >= 2 && step >= Math.fround(1 - time);
  const evaluations = 1000 + particles;
  const stop =
    (8 >= maxIterations ? stopBit.iterations : 0) |
    (evaluations + particles > maxEvaluations ? stopBit.evaluations : 0) |
    (settled ? stopBit.settled : 0) |
    // One alone has no spread.
    (successful < 2 ? stopBit.noValues : 0);
  for (const [name, value] of [
    ['stop', stop],
    ['iteration', 8],
    ['round', 101],
    ['evaluations', evaluations],
    ['non_finite', 5 + particles - successful],
    ['failures', 0],
    ['trace_count', control.trace_count + 1],
    ['best', Math.fround(Math.max(-lowest, NO_VALUE))],
    ['spread', 3],
    ['temperature', 1],
  ] as const) {
    expectEqual(name, got[name], value);
  }
  const taken = successful >= 2 ? step : 0;
  expectNear('time', after[ensembleField.time], settled ? 1 : time + taken, settled ? 0 : EPSILON * (time + taken));
  const widest = Math.max(...words.subarray(ensembleField.mean + dim, ensembleField.mean + 2 * dim));
  const row = trace.subarray((control.trace_count % TRACE_ROWS) * TRACE_ROW).subarray(0, TRACE_ROW);
  const value = successful >= 2 ? -20 : NO_VALUE;
  const counts = [particles - successful, widest, 1, 3];
  expectSame('trace', row, Float32Array.of(8, 1, 3, Math.max(-lowest, NO_VALUE), value, taken, successful, ...counts));

  const stopped = pack(controlLayout, { ...got, stop: 32 });
  bench.put({ ms_control: stopped });
  await bench.dispatch(kernel, 1);
  const [kept, ensembleAfter] = await bench.bytes('ms_control', 'ms_ensemble');
  expectSameBits('control after the stop', kept, stopped.buffer);
  expectSameBits('ensemble after the stop', ensembleAfter, after.buffer);
}

const checks = {
  deviations: checkDeviations,
  innovations: checkInnovations,
  products: checkProducts,
  step: checkStep,
  factor: checkFactor,
  weights: checkWeights,
  move: checkMove,
  'ensemble control': checkControl,
};

/** With the stop flag up every kernel leaves all buffers as they were. */
async function nothingRuns(device: GPUDevice): Promise<void> {
  const content = Float32Array.from(new Content(1).vector(256));
  for (const { rule, prior } of kinds) {
    const kernels = Object.values(ensembleKernels({ dim: 2, observations: 3, particles: 5, rule, prior }));
    await compileAll(device, kernels);
    await onBench(device, async (bench) => {
      const names = new Set(kernels.flatMap(({ bindings }) => bindings.map(({ name }) => name)));
      for (const kernel of kernels) {
        bench.put({
          ...Object.fromEntries([...names].map((name) => [name, content])),
          ms_control: pack(controlLayout, { ...defaultControl, stop: 16 }),
          ms_params: pack(paramsLayout, { ...defaultParams, samples: 5 }),
        });
        await bench.dispatch(kernel, 1);
        const written = kernel.bindings.filter(({ kind, name }) => kind === 'write' && name !== 'ms_control').map(({ name }) => name);
        const after = await bench.floats(...written);
        for (const [i, name] of written.entries()) expectSame(`${name} of ${kernel.label}`, after[i], content);
      }
    });
  }
}

function makeCases(
  { runs, every }: Pick<Effort, 'runs' | 'every'>,
  shapes: readonly (readonly [dim: number, observations: number, most: number])[],
): Cases {
  return Object.fromEntries(
    shapes.flatMap(([dim, observations, most]) =>
      (Object.keys(checks) as EnsembleKernel[]).map((name, turn) => [
        `${name}, d = ${dim}, m = ${observations}`,
        async (device: GPUDevice) => {
          const inputs = { particles: fc.integer({ min: 1, max: most }), failing: fc.constantFrom<number[]>(0, 0.3), content: fc.nat() };
          const examples = [
            { particles: 1, failing: 0, content: 1 },
            { particles: most, failing: 0.1, content: 2 },
            { particles: 3, failing: 1, content: 3 },
          ];
          const taken = every ? kinds : [kinds[0], kinds[1 + ((turn + dim) % 3)]];
          for (const { rule, prior } of taken) {
            await forAll(runs, inputs, examples, ({ particles, failing, content }) => {
              const run = randomRun({ dim, observations, particles, rule, prior }, content, failing);
              return onBench(device, (bench) => checks[name](bench, run));
            });
          }
        },
      ]),
    ),
  );
}

export const cases: Cases = {
  ...makeCases({ runs: brief.runs, every: false }, [
    [1, 1, 40],
    [3, 7, 67],
    [20, 50, 45],
  ]),
  'nothing runs after the stop': nothingRuns,
};
export const longCases = makeCases({ runs: thorough.runs, every: true }, [
  [1, 1, 150],
  [2, 3, 301],
  [5, 130, 130],
  [33, 5, 90],
  [100, 12, 210],
]);
