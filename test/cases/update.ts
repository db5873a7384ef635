/** Kernel C: leaves -> moments -> step size -> step; a step that fails changes nothing but its status and factor. */
import fc from 'fast-check';
import {
  bestPointOffset,
  type Covariance,
  controlLayout,
  field,
  momentSize,
  NO_VALUE,
  pack,
  pairs,
  paramsLayout,
  partSize,
  recordSize,
  status,
} from '../../src/kernels/state.ts';
import { needsScratch, type UpdateSpec, updateKernel } from '../../src/kernels/update.ts';
import type { Cases } from '../harness/cases.ts';
import {
  absolute,
  add,
  apply,
  dot,
  identity,
  inverse,
  largestEigenvalue,
  type Matrix,
  multiply,
  scale,
  sum,
  type Vector,
  zeroMatrix,
} from '../reference/matrix.ts';
import { combine, type Leaf } from '../reference/moments.ts';
import { nextStepFactor, precisionChange, type RateOptions, type StepOptions, step, stepSize } from '../reference/step.ts';
import { checkFactor } from './factorise.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, defaultControl, defaultParams, liveCounts, packMatrix, randomMixture, unpackMatrix } from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear, expectSame, expectVector, powError } from './kernels-tolerance.ts';

/** What a component's moments are like: usable, of too few samples, not finite, or with G too large for the direct step. */
type Kind = 'sound' | 'few' | 'notFinite' | 'tooLarge';

/** Leaves whose combined G has eigenvalues of about `size`, or (too large) one near 2 / rho. */
function randomLeaves(random: Content, spec: UpdateSpec, kind: Kind, rho: number, leaves: number): Leaf[] {
  const { dim, covariance } = spec;
  const size = 1 / (2 * Math.sqrt(dim));
  const counts = Array.from({ length: leaves }, () => (random.chance(0.2) ? 0 : 1 + random.integer(40)));
  if (kind === 'few') counts.fill(0);
  else counts[random.integer(leaves)] = 12;
  const shape = covariance === 'full' ? random.symmetric(dim, covariance, size) : random.symmetric(dim, covariance, 0.5);
  if (kind === 'tooLarge') shape[dim - 1][dim - 1] = 4 / rho;
  const g = random.vector(dim);
  return counts.map((usable, leaf) => {
    const weight = usable * random.uniform(0.5, 1.5);
    const share = spec.divisor === 'one' ? 1 / leaves : usable;
    const noisy = (entry: number) => Math.fround(share * (entry + (kind === 'tooLarge' ? 0 : random.normal(0.3 * size))));
    const matrix = zeroMatrix(dim);
    for (let i = 0; i < dim; i++) {
      for (let j = covariance === 'full' ? 0 : i; j <= i; j++) {
        matrix[i][j] = noisy(shape[i][j]);
        matrix[j][i] = matrix[i][j];
      }
    }
    if (kind === 'notFinite' && usable > 0) matrix[0][0] = [Number.NaN, Number.POSITIVE_INFINITY, Math.fround(1e37)][leaf % 3];
    return {
      usable,
      weight: Math.fround(weight),
      weightSquares: Math.fround((weight * weight) / Math.max(usable, 1)),
      f: random.normal(5),
      l: random.normal(5),
      lSquares: Math.fround(usable * Math.abs(random.normal())),
      best: usable > 0 ? { l: random.normal(10), sample: 0 } : undefined,
      gradient: g.map((entry) => Math.fround(share * (entry + random.normal(0.3)))),
      matrix,
    };
  });
}

function moments(got: Float32Array, dim: number, covariance: Covariance, k: number): { g: Vector; G: Matrix } {
  const at = k * momentSize(dim, covariance);
  return { g: Array.from(got.subarray(at, at + dim)), G: unpackMatrix(got, dim, covariance, true, at + dim) };
}

/** Combined moments against the twin: sums over leaves. */
function checkMoments(leaves: Leaf[], spec: UpdateSpec, record: Float32Array, g: Vector, G: Matrix, where: string): void {
  const want = combine(leaves, spec.divisor === 'one');
  const unit = (leaves.length + 12) * EPSILON;
  const divisor = spec.divisor === 'one' ? 1 : Math.max(want.usable, 1);
  const weight = sum(leaves.map((leaf) => leaf.weight));
  expectEqual(`usable of ${where}`, record[field.usable], want.usable);
  expectNear(`effective of ${where}`, record[field.effective], want.effective, 4 * unit * want.effective);
  if (want.F !== undefined && want.V !== undefined) {
    expectNear(`F of ${where}`, record[field.value], want.F, (unit * sum(leaves.map((leaf) => leaf.weight * Math.abs(leaf.f)))) / weight);
    const l = sum(leaves.map((leaf) => leaf.weight * leaf.l)) / weight;
    const dL = (unit * sum(leaves.map((leaf) => leaf.weight * Math.abs(leaf.l)))) / weight;
    const between = sum(leaves.map((leaf) => leaf.weight * Math.abs(leaf.l - l))) / weight;
    expectNear(`V of ${where}`, record[field.variance], want.V, 3 * unit * want.V + 2 * dL * between + dL * dL);
  }
  const allowed = (entry: (leaf: Leaf) => number): number => (unit * sum(leaves.map((leaf) => Math.abs(entry(leaf))))) / divisor;
  expectVector(
    `g of ${where}`,
    g,
    want.g,
    g.map((_, i) => allowed((leaf) => leaf.gradient[i])),
  );
  want.G.forEach((row, i) => {
    const bounds = row.map((_, j) => allowed((leaf) => leaf.matrix[i][j]));
    expectVector(`row ${i} of G of ${where}`, G[i], row, bounds);
  });
}

/**
 * The step against the twin. M is off by d + 10 units of |I| + rho |G| + rho^2/2 |G|^2, and so is its factor (backward error), which
 * moves M^-1 by that times |M^-1|; row i of the new factor, and the move of the mean, by the same share of their lengths.
 */
export function checkStep(
  spec: UpdateSpec,
  options: StepOptions,
  before: { mean: Vector; factor: Matrix },
  after: { mean: Vector; factor: Matrix },
  g: Vector,
  G: Matrix,
  where: string,
): void {
  const { dim } = spec;
  const want = step(before.factor, before.mean, g, G, options);
  if (!want) throw new Error(`the twin takes no step of ${where}`);
  const change = precisionChange(G, options.rhoCov, options.rule);
  const shrink = inverse(change);
  const rho = options.rhoCov;
  const straight = add(identity(dim), scale(rho, absolute(G)));
  const size = options.rule === 'direct' ? straight : add(straight, scale((rho * rho) / 2, multiply(absolute(G), absolute(G))));
  const relative = (dim + 10) * EPSILON * (1 + largestEigenvalue(size) * largestEigenvalue(shrink));
  const pulled = Math.sqrt(Math.abs(dot(g, apply(shrink, g))));
  for (let i = 0; i < dim; i++) {
    const length = Math.sqrt(dot(want.factor[i], want.factor[i]));
    expectVector(`row ${i} of the factor of ${where}`, after.factor[i], want.factor[i], relative * length);
    const old = sum(before.factor[i].map((entry, j) => Math.abs(entry * g[j])));
    const move = options.meanBy === 'new' ? relative * length * pulled * 2 : (dim + 4) * EPSILON * old;
    const held = Math.abs(want.mean[i]) + Math.abs(before.mean[i]);
    expectNear(`mean ${i} of ${where}`, after.mean[i], want.mean[i], options.rhoMean * move + 4 * EPSILON * held);
    if (options.meanCap > 0 && Math.abs(after.mean[i]) > options.meanCap) throw new Error(`mean ${i} of ${where} is beyond the cap`);
  }
}

async function updateProperty(
  device: GPUDevice,
  spec: UpdateSpec,
  sizes: { components: number; leaves: number; content: number },
  known: Partial<RateOptions & StepOptions> = {},
): Promise<void> {
  const { dim, covariance } = spec;
  const { components, leaves } = sizes;
  const random = new Content(sizes.content);
  const mixture = randomMixture(random, dim, components, covariance);
  const temperature = random.uniform(0.2, 1);
  const rate: RateOptions = {
    rate: random.uniform(0.1, 0.5),
    ratePower: random.uniform(0, 1),
    // The direct step fails where rho times an eigenvalue of G (about 1 here) passes 1.
    rateLimit: spec.step === 'direct' || random.chance(0.3) ? 0.3 : 1e30,
    trust: random.chance(0.5) ? Math.fround(0.3) : 0,
    temperature,
    firstTemperature: random.chance(0.5) ? temperature : random.uniform(1, 2),
    stepFactor: 1,
    ...known,
  };
  rate.rateLimit = Math.fround(rate.rateLimit);
  const burning = random.chance(0.2);
  const meanRatio = random.chance(0.3) ? 0.5 : 1;
  const caps = { deviationFloor: random.chance(0.3) ? Math.fround(0.2) : 0, deviationCap: random.chance(0.3) ? Math.fround(0.35) : 0 };
  const meanCap = random.chance(0.3) ? 0.75 : 0;
  const kinds = Array.from({ length: components }, (): Kind => {
    if (random.chance(0.5)) return 'sound';
    const others: Kind[] = ['sound', 'few', 'notFinite'];
    if (spec.step === 'direct' && !burning && rate.trust === 0) others.push('tooLarge');
    return others[random.integer(others.length)];
  });
  const size = recordSize(dim);
  for (let k = 0; k < components; k++) mixture.records[k * size + field.stepFactor] = random.chance(0.5) ? 1 : random.uniform(1e-3, 1);
  // rho is at least 0.05 here, whatever the factors.
  const parts = kinds.map((kind) => randomLeaves(random, spec, kind, 1e-4, leaves));
  const part = partSize(dim, covariance);
  const packed = new Float32Array(components * leaves * part);
  parts.flat().forEach((leaf, i) => {
    const { usable, weight, weightSquares, f, l, lSquares, best } = leaf;
    const point = random.vector(dim);
    packed.set(
      [
        usable,
        weight,
        weightSquares,
        f,
        l,
        lSquares,
        best?.l ?? NO_VALUE,
        0,
        ...leaf.gradient,
        ...packMatrix(leaf.matrix, covariance),
        ...point,
      ],
      i * part,
    );
  });

  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, {
        ...defaultControl,
        ...liveCounts({ components, samples: 1, leaves }),
        iteration: 3,
        temperature,
        first_temperature: rate.firstTemperature,
      }),
      ms_params: pack(paramsLayout, {
        ...defaultParams,
        components,
        leaves,
        rate: rate.rate,
        rate_power: rate.ratePower,
        rate_limit: rate.rateLimit,
        trust: rate.trust,
        mean_ratio: meanRatio,
        burn: burning ? 4 : 3,
        deviation_floor: caps.deviationFloor,
        deviation_cap: caps.deviationCap,
        mean_cap: meanCap,
      }),
      ms_parts: packed,
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_moments: components * momentSize(dim, covariance),
      ...(needsScratch(spec) ? { ms_scratch: components * pairs(dim, covariance) } : {}),
    });
    await bench.dispatch(updateKernel(spec), components);
    const [records, factors, moved] = await bench.floats('ms_components', 'ms_factors', 'ms_moments');
    const kept = pairs(dim, covariance);
    for (let k = 0; k < components; k++) {
      const where = `component ${k} (${kinds[k]})`;
      const record = records.subarray(k * size, (k + 1) * size);
      const old = mixture.records.subarray(k * size, (k + 1) * size);
      const { g, G } = moments(moved, dim, covariance, k);
      if (kinds[k] !== 'notFinite') checkMoments(parts[k], spec, record, g, G, where);
      checkBest(parts[k], record, packed.subarray(k * leaves * part, (k + 1) * leaves * part), dim, part, where);
      const wanted = { sound: 0, few: status.samples, notFinite: status.moments, tooLarge: status.factorisation }[kinds[k]];
      expectEqual(`status of ${where}`, records[k * size + field.status], wanted);
      const factorBefore = old[field.stepFactor];
      expectNear(`step factor of ${where}`, record[field.stepFactor], nextStepFactor(factorBefore, wanted === 0), EPSILON);
      if (kinds[k] !== 'notFinite') {
        const rho = stepSize(g, G, { ...rate, stepFactor: factorBefore });
        const relative = powError(rate.firstTemperature / temperature, rate.ratePower) + 6 * EPSILON + (dim + kept + 12) * EPSILON;
        expectNear(`rho of ${where}`, record[field.rate], rho, relative * rho);
      }
      if (!Number.isFinite(record[field.rate])) throw new Error(`rho of ${where} is ${record[field.rate]}`);
      if (wanted !== 0) {
        const own = (all: Float32Array) => all.subarray(2 * k * kept, 2 * (k + 1) * kept);
        expectSame(`factors of ${where}`, own(factors), own(mixture.factors));
        const untouched = [field.logWeight, field.logNorm, field.deviation, ...Array.from({ length: dim }, (_, i) => field.mean + i)];
        for (const at of untouched) expectEqual(`record entry ${at} of ${where}`, record[at], old[at]);
        continue;
      }
      const rho = record[field.rate];
      const after = {
        mean: Array.from(record.subarray(field.mean, field.mean + dim)),
        factor: unpackMatrix(factors, dim, covariance, false, 2 * k * kept),
      };
      checkStep(
        spec,
        {
          rule: spec.step === 'iblr' ? 'iblr' : 'direct',
          meanBy: spec.meanBy,
          rhoMean: rho * meanRatio,
          rhoCov: burning ? 0 : rho,
          ...caps,
          meanCap,
        },
        mixture.components[k],
        after,
        g,
        G,
        where,
      );
      const inverted = unpackMatrix(factors, dim, covariance, false, (2 * k + 1) * kept);
      checkFactor(where, after.factor, inverted, record[field.logNorm], record[field.deviation]);
    }
  });
}

/** The best value and its point come over from the leaf that has it. */
function checkBest(leaves: Leaf[], record: Float32Array, parts: Float32Array, dim: number, part: number, where: string): void {
  const values = leaves.map((leaf) => leaf.best?.l ?? NO_VALUE);
  const best = Math.max(...values);
  expectEqual(`best of ${where}`, record[field.best], best);
  if (best === NO_VALUE) return;
  const at = values.indexOf(best) * part + part - dim;
  for (let i = 0; i < dim; i++) expectEqual(`best point ${i} of ${where}`, record[bestPointOffset(dim) + i], parts[at + i]);
}

/** iBLR's M has no eigenvalue below 1/2 whatever rho (formulas/nva.md 3.2): at rho = 1e3 the factor stays sound. */
async function hugeStep(device: GPUDevice): Promise<void> {
  for (const [dim, covariance] of [
    [2, 'full'],
    [7, 'full'],
    [5, 'diagonal'],
  ] as const) {
    const spec: UpdateSpec = { dim, covariance, step: 'iblr', meanBy: 'new', divisor: 'count', leaves: 3 };
    const random = new Content(dim);
    const components = 20;
    const mixture = randomMixture(random, dim, components, covariance);
    const leaves = Array.from({ length: components }, () => randomLeaves(random, spec, 'sound', 1, 1)[0]);
    const part = partSize(dim, covariance);
    const packed = new Float32Array(components * part);
    leaves.forEach((leaf, k) => {
      const G = combine([leaf], false).G;
      const smallest = 1 / largestEigenvalue(inverse(precisionChange(G, 1e3, 'iblr')));
      if (smallest < 0.49) throw new Error(`the twin's M has the eigenvalue ${smallest}`);
      packed.set(
        [leaf.usable, leaf.weight, leaf.weightSquares, 0, 0, 0, 0, 0, ...leaf.gradient, ...packMatrix(leaf.matrix, covariance)],
        k * part,
      );
    });
    await onBench(device, async (bench) => {
      bench.put({
        ms_control: pack(controlLayout, { ...defaultControl, ...liveCounts({ components, samples: 1, leaves: 1 }) }),
        ms_params: pack(paramsLayout, { ...defaultParams, components, leaves: 1, rate: 1e3 }),
        ms_parts: packed,
        ms_components: mixture.records,
        ms_factors: mixture.factors,
        ms_moments: components * momentSize(dim, covariance),
      });
      await bench.dispatch(updateKernel(spec), components);
      const [records, factors] = await bench.floats('ms_components', 'ms_factors');
      const kept = pairs(dim, covariance);
      const size = recordSize(dim);
      for (let k = 0; k < components; k++) {
        const where = `component ${k}, d = ${dim}`;
        expectEqual(`status of ${where}`, records[k * size + field.status], 0);
        expectEqual(`rho of ${where}`, records[k * size + field.rate], 1e3);
        const factor = unpackMatrix(factors, dim, covariance, false, 2 * k * kept);
        const inverted = unpackMatrix(factors, dim, covariance, false, (2 * k + 1) * kept);
        const record = records.subarray(k * size, (k + 1) * size);
        checkFactor(where, factor, inverted, record[field.logNorm], record[field.deviation]);
        for (let i = 0; i < dim; i++) if (!Number.isFinite(record[field.mean + i])) throw new Error(`mean ${i} of ${where} is not finite`);
      }
    });
  }
}

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => {
      const wide = dim > WIDE;
      const variants = (['iblr', 'direct'] as const).flatMap((rule) =>
        (['full', 'diagonal'] as const).flatMap((covariance) => (['new', 'old'] as const).map((meanBy) => ({ rule, covariance, meanBy }))),
      );
      // Unless all are asked for: each rule and covariance, by the new mean and the old in turn.
      const chosen = every ? variants : variants.filter((_, i) => i % 2 === (dim + (i >> 1)) % 2);
      const specs = chosen.slice(0, wide ? 1 : undefined).map(({ rule, covariance, meanBy }): UpdateSpec => {
        turn++;
        // Few leaves, so many that lanes share an output, and very many.
        const leaves = [3, 20, dim > 3 ? 40 : 300][turn % 3];
        return { dim, covariance, step: rule, meanBy, divisor: turn % 5 === 0 ? 'one' : 'count', leaves };
      });
      return [
        `update, d = ${dim}`,
        async (device: GPUDevice) => {
          await compileAll(device, specs.map(updateKernel));
          for (const spec of specs) {
            const few = wide ? 4 : spec.leaves;
            const inputs = {
              components: fc.integer({ min: 1, max: wide ? 3 : 7 }),
              leaves: fc.integer({ min: 1, max: few }),
              content: fc.nat(),
            };
            await forAll(wide ? 3 : runs, inputs, [{ components: 1, leaves: few, content: 1 }], (sizes) =>
              updateProperty(device, spec, sizes),
            );
          }
        },
      ];
    }),
  );
}

export const cases: Cases = {
  ...makeCases(brief),
  'iBLR stays positive definite at rho = 1e3': hugeStep,
  'update, d = 512, through storage': (device) =>
    updateProperty(
      device,
      { dim: 512, covariance: 'full', step: 'iblr', meanBy: 'new', divisor: 'count', leaves: 2 },
      { components: 1, leaves: 2, content: 3 },
    ),
};
export const longCases = makeCases(thorough);
