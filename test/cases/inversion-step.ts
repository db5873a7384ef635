/** The steps and weights of inversion: moments that are given, matched or direct, and log-weights that carry on. */
import fc from 'fast-check';
import { type ControlSpec, controlKernel } from '../../src/kernels/control.ts';
import { exploreKernels } from '../../src/kernels/explore.ts';
import { membersKernel } from '../../src/kernels/forward.ts';
import { entropyKernels, kalmanKernels, priorKernel, sigmaMomentsKernel, slopesKernel } from '../../src/kernels/sigma.ts';
import {
  controlLayout,
  field,
  NO_VALUE,
  pack,
  paramsLayout,
  recordSize,
  status,
  stopBit,
  TRACE_ROW,
  TRACE_ROWS,
  unpack,
} from '../../src/kernels/state.ts';
import { type UpdateSpec, updateKernel } from '../../src/kernels/update.ts';
import type { Cases } from '../harness/cases.ts';
import { cholesky } from '../reference/cholesky.ts';
import { carriedWeights } from '../reference/kalman.ts';
import {
  absolute,
  add,
  addVectors,
  apply,
  dot,
  identity,
  inverse,
  largestEigenvalue,
  type Matrix,
  multiply,
  outer,
  scale,
  sum,
  transpose,
} from '../reference/matrix.ts';
import { nextStepFactor } from '../reference/step.ts';
import { flooredWeights } from '../reference/weigh.ts';
import { checkFactor } from './factorise.ts';
import { absoluteApply } from './inversion-run.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, defaultControl, defaultParams, randomFactor, randomMixture } from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear, expectSame, expectVector } from './kernels-tolerance.ts';
import { checkStep } from './update.ts';
import { type Given, updateFitted } from './update-run.ts';

/** Of a component: sound, with a matrix that no covariance has, or with a number that is none. */
type Kind = 'sound' | 'indefinite' | 'notFinite';

const rules = ['match', 'widen', 'direct'] as const;
type GivenRule = (typeof rules)[number];

const specOf = (dim: number, step: GivenRule): UpdateSpec => ({
  dim,
  covariance: 'full',
  step,
  meanBy: 'new',
  divisor: 'one',
  given: true,
  leaves: 1,
});

const float = (matrix: Matrix): Matrix => matrix.map((row) => row.map(Math.fround));

function randomGiven(random: Content, dim: number, rule: GivenRule, kind: Kind): Given {
  const g = random.vector(dim);
  const factor = randomFactor(random, dim, 'full', 1);
  const square = multiply(factor, transpose(factor));
  // Of a matched one, a second moment about the old mean; of a direct one, minus a precision.
  const second = add(add(square, outer(g, g)), scale(-1, identity(dim)));
  const G = float(rule === 'direct' ? scale(-1, square) : second);
  const last = dim - 1;
  if (kind === 'indefinite') G[last][last] = Math.fround(g[last] ** 2 - 1.5);
  if (kind === 'notFinite') g[random.integer(dim)] = [Number.NaN, Number.POSITIVE_INFINITY, Math.fround(1e35)][random.integer(3)];
  return { g, G, record: { stepFactor: random.chance(0.5) ? 1 : random.uniform(0.5, 1) } };
}

/**
 * L C with C the Cholesky factor of A, off by d + 10 units of what A was added up from (backward error), which moves C by that
 * times |A^-1| |C|; and by the rounding of the product.
 */
async function stepProperty(device: GPUDevice, dim: number, rule: GivenRule, components: number, content: number): Promise<void> {
  const random = new Content(content);
  const mixture = randomMixture(random, dim, components, 'full');
  const h = random.uniform(0.05, 0.95);
  // A widened covariance does not look at G, and the direct step holds every pivot.
  const kinds = Array.from({ length: components }, (): Kind => {
    const all: Kind[] = rule === 'match' ? ['notFinite', 'indefinite', 'sound', 'sound'] : ['notFinite', 'sound'];
    return random.chance(0.4) ? all[random.integer(all.length)] : 'sound';
  });
  const given = kinds.map((kind) => randomGiven(random, dim, rule, kind));
  const floor = random.chance(0.3) ? Math.fround(0.3) : 0;
  const outcomes = await updateFitted(device, specOf(dim, rule), mixture, given, {
    // Matching does not know of a rate, of mean_ratio or of burning.
    params: { rate: h, rate_limit: 3e38, deviation_floor: floor, ...(rule === 'direct' ? {} : { mean_ratio: 0.5, burn: 5 }) },
  });
  outcomes.forEach(({ record, old, factor, inverse: inverted, mean, expectUnchanged }, k) => {
    const kind = kinds[k];
    const where = `component ${k} (${kind}) by ${rule}`;
    const wanted = { sound: 0, indefinite: status.factorisation, notFinite: status.moments }[kind];
    expectEqual(`status of ${where}`, record[field.status], wanted);
    // Matching has no size that could be shrunk.
    const shrunk = rule === 'direct' ? nextStepFactor(old[field.stepFactor], wanted === 0) : old[field.stepFactor];
    expectNear(`step factor of ${where}`, record[field.stepFactor], shrunk, EPSILON);
    expectNear(`rate of ${where}`, record[field.rate], h * old[field.stepFactor], 4e-6 * h);
    for (const at of [field.usable, field.effective, field.value, field.variance, field.best] as const) {
      expectEqual(`record entry ${at} of ${where}`, record[at], old[at]);
    }
    if (wanted !== 0) {
      expectUnchanged(where);
      return;
    }
    const before = mixture.components[k];
    const { g, G } = given[k];
    checkFactor(where, factor, inverted, record[field.logNorm], record[field.deviation]);
    if (rule === 'direct') {
      const rho = record[field.rate];
      const options = { rule, meanBy: 'new', rhoMean: rho, rhoCov: rho, deviationFloor: floor, deviationCap: 0, meanCap: 0 } as const;
      checkStep(specOf(dim, rule), options, before, { mean, factor }, g, G, where);
      return;
    }
    const unit = identity(dim);
    const A = rule === 'widen' ? scale(1 / (1 - h), unit) : add(add(unit, G), scale(-1, outer(g, g)));
    const size = rule === 'widen' ? A : add(add(unit, absolute(G)), absolute(outer(g, g)));
    const root = cholesky(A).factor;
    const product = multiply(before.factor, root);
    const relative = (dim + 10) * EPSILON * largestEigenvalue(size) * largestEigenvalue(inverse(A));
    const length = Math.sqrt(largestEigenvalue(A));
    product.forEach((row, i) => {
      const held = Math.max(1, floor / Math.sqrt(dot(row, row)));
      const old = Math.sqrt(dot(before.factor[i], before.factor[i]));
      const allowed = held * ((rule === 'widen' ? 8 * EPSILON : relative) * old * length + (dim + 4) * EPSILON * old * length);
      expectVector(
        `row ${i} of the factor of ${where}`,
        factor[i],
        row.map((entry) => held * entry),
        // Holding it up makes twice the error: of the row, and of its length.
        floor > 0 ? 2 * allowed : allowed,
      );
    });
    expectVector(
      `mean of ${where}`,
      mean,
      addVectors(before.mean, apply(before.factor, g)),
      absoluteApply(before.factor, g).map((entry, i) => (dim + 3) * EPSILON * (entry + Math.abs(before.mean[i]))),
    );
  });
}

const carried = (components: number): ControlSpec => ({
  dim: 2,
  temperature: 'geometric',
  sharedBatch: false,
  components,
  weighing: { kind: 'carried' },
});

async function weighProperty(
  device: GPUDevice,
  { components, failing, content }: { components: number; failing: number; content: number },
): Promise<void> {
  const random = new Content(content);
  const h = random.uniform(0.05, 0.95);
  const sigma = 5;
  // Of any size, known but for a constant.
  const constant = random.chance(0.5) ? 0 : random.normal(300);
  const spread = 10 ** random.uniform(-1, 2);
  const own = Array.from({ length: components }, () => ({
    logWeight: Math.fround(constant + random.normal(random.chance(0.2) ? 30 : 2)),
    // Far out, now and then, as a start may be: no reason for the others to lose digits.
    value: random.chance(failing) ? undefined : Math.fround(-(random.normal(spread) ** 2) - (random.chance(0.1) ? 1e12 : 0)),
    usable: random.chance(0.2) ? random.integer(sigma) : sigma,
  })).map(({ usable, ...rest }) => ({ ...rest, usable: rest.value === undefined ? Math.min(usable, sigma - 1) : Math.max(usable, 1) }));
  const floor = [Math.fround(1e-15), Math.fround(1e-8), Math.fround(1e-2), Math.fround(0.4)][random.integer(4)];
  const size = recordSize(2);
  const records = new Float32Array(components * size).map(() => random.normal());
  own.forEach(({ logWeight, value, usable }, k) => {
    const entries = { logWeight, value: value ?? NO_VALUE, usable, status: 0, best: value ?? NO_VALUE, variance: 0 };
    for (const [name, entry] of Object.entries(entries)) records[k * size + field[name as keyof typeof field]] = entry;
  });
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, { ...defaultControl, components }),
      ms_params: pack(paramsLayout, {
        ...defaultParams,
        components,
        rate: h,
        weight_floor: floor,
        evaluations_per_iteration: components * sigma,
      }),
      ms_components: records,
      ms_trace: TRACE_ROWS * TRACE_ROW,
    });
    await bench.dispatch(controlKernel(carried(components)), 1);
    const [block, after, trace] = await bench.floats('ms_control', 'ms_components', 'ms_trace');
    const control = unpack(controlLayout, block.buffer);
    const usable = sum(own.map((one) => one.usable));
    expectEqual('failed runs', control.non_finite, components * sigma - usable);
    expectEqual('evaluations', control.evaluations, components * sigma);
    expectEqual('stop', control.stop, usable === 0 ? stopBit.noValues : 0);
    const valued = own.filter(({ value }) => value !== undefined);
    const mean = sum(valued.map(({ value = 0 }) => value)) / Math.max(valued.length, 1);
    expectNear('value in the trace', trace[4], mean, (components + 8) * EPSILON * Math.abs(mean));

    const values = own.map(({ value }) => value);
    const logWeights = own.map(({ logWeight }) => logWeight);
    const sums = carriedWeights(logWeights, values, h);
    const top = Math.max(...sums);
    const total = top + Math.log(sum(sums.map((log) => Math.exp(log - top))));
    const flowed = sums.map((log) => log - total);
    const got = own.map((_, k) => after[k * size + field.logWeight]);
    expectNear('sum of the weights', sum(got.map(Math.exp)), 1, 4e-6 + 4 * components * EPSILON);
    const best = Math.max(...values.map((value) => value ?? Number.NEGATIVE_INFINITY));
    // Two sums and a product of each, and logarithms off by 2^-21: what all share is as far off as the weights are on average.
    const off = flowed.map((log, k) => {
      const change = values[k] === undefined || best === Number.NEGATIVE_INFINITY ? 0 : h * (best - (values[k] as number));
      return 4 * EPSILON * (Math.abs(logWeights[k]) + change + Math.abs(top) + Math.abs(Number.isFinite(log) ? log : 0));
    });
    const common = sum(flowed.map((log, k) => Math.exp(log) * off[k])) + 8 * (components + 16) * EPSILON + 4e-6;
    const least = Math.min(floor, 0.5 / components);
    const logLeast = Math.log(least);
    // Of a weight within rounding of the floor either may be right, and it moves the others by its own size.
    const undecided = flowed.filter((log, k) => Math.abs(log - logLeast) <= off[k] + common).length;
    const want = flooredWeights(flowed, least);
    want.forEach((log, k) => {
      const slack = off[k] + common + 2 * undecided * least + (Math.abs(flowed[k] - logLeast) <= off[k] + common ? off[k] + common : 0);
      expectNear(`log weight ${k} of ${components}`, got[k], log, slack + 2 * EPSILON * Math.abs(log));
      if (flowed[k] < logLeast - off[k] - common) expectNear(`floored weight ${k}`, got[k], logLeast, 2e-6 * (1 + Math.abs(logLeast)));
    });
    const others = (all: Float32Array) => all.filter((_, at) => at % size !== field.logWeight);
    expectSame('the rest of the records', others(after), others(records));
  });
}

/** With the stop flag up every kernel of the loop leaves all buffers as they were. */
async function nothingRuns(device: GPUDevice): Promise<void> {
  const shape = { dim: 2, observations: 3 };
  const kernels = [
    membersKernel({ dim: 2, source: 'sigma' }),
    membersKernel({ dim: 2, source: 'particle' }),
    slopesKernel(shape),
    ...Object.values(kalmanKernels(shape)),
    priorKernel(shape),
    sigmaMomentsKernel({ ...shape, prior: 'correlated', rule: 'kalman' }),
    sigmaMomentsKernel({ ...shape, prior: 'none', rule: 'variational' }),
    ...Object.values(entropyKernels({ dim: 2, nodes: 4 })),
    ...Object.values(exploreKernels({ dim: 2, rule: 'matched', nodes: 20 })),
    ...Object.values(exploreKernels({ dim: 2, rule: 'none', nodes: 0 })),
    ...rules.map((rule) => updateKernel(specOf(2, rule))),
    controlKernel(carried(1)),
  ];
  const content = Float32Array.from(new Content(1).vector(256));
  await compileAll(device, kernels);
  await onBench(device, async (bench) => {
    const names = new Set(kernels.flatMap(({ bindings }) => bindings.map(({ name }) => name)));
    for (const kernel of kernels) {
      bench.put({
        ...Object.fromEntries([...names].map((name) => [name, content])),
        ms_control: pack(controlLayout, { ...defaultControl, stop: stopBit.evaluations }),
        ms_params: pack(paramsLayout, { ...defaultParams, samples: 20 }),
      });
      await bench.dispatch(kernel, 2);
      const written = kernel.bindings.filter(({ kind, name }) => kind === 'write' && name !== 'ms_control').map(({ name }) => name);
      const after = await bench.floats(...written);
      for (const [i, name] of written.entries()) expectSame(`${name} of ${kernel.label}`, after[i], content);
    }
  });
}

function makeCases({ dims, runs }: Effort, weighings: number): Cases {
  const cases: Cases = {};
  for (const dim of dims) {
    cases[`given moments, d = ${dim}`] = async (device) => {
      await compileAll(
        device,
        rules.map((rule) => updateKernel(specOf(dim, rule))),
      );
      for (const rule of rules) {
        const inputs = { components: fc.integer({ min: 1, max: dim > WIDE ? 3 : 9 }), content: fc.nat() };
        await forAll(dim > WIDE ? 3 : runs, inputs, [{ components: 1, content: 1 }], ({ components, content }) =>
          stepProperty(device, dim, rule, components, content),
        );
      }
    };
  }
  cases['weights that carry on'] = async (device) => {
    await compileAll(device, [1, 200].map(carried).map(controlKernel));
    const inputs = { components: fc.integer({ min: 1, max: 200 }), failing: fc.constantFrom<number[]>(0, 0.2), content: fc.nat() };
    const examples = [
      { components: 1, failing: 0, content: 1 },
      { components: 1, failing: 1, content: 2 },
      { components: 7, failing: 1, content: 3 },
      { components: 70, failing: 0.9, content: 4 },
    ];
    await forAll(weighings, inputs, examples, (sizes) => weighProperty(device, sizes));
  };
  return cases;
}

export const cases: Cases = { ...makeCases({ ...brief, dims: [1, 17], runs: 3 }, 12), 'nothing runs after the stop': nothingRuns };
export const longCases = makeCases({ ...thorough, dims: [2, 3, 5, 16, 33, 72, 73, 100] }, 200);
