/** The exponential step and its spectral size: the largest eigenvalues, the decays, and covariances that stay positive definite. */
import fc from 'fast-check';
import { spectrumKernel } from '../../src/kernels/spectrum.ts';
import {
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
import { type Decay, needsScratch, type UpdateSpec, updateKernel } from '../../src/kernels/update.ts';
import type { Cases } from '../harness/cases.ts';
import { eta, exponentialStep, spectralRate } from '../reference/exponential.ts';
import { dot, type Matrix, multiply, scale, sum, transpose, type Vector } from '../reference/matrix.ts';
import { spectrum } from '../reference/trust.ts';
import { checkFactor } from './factorise.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, defaultControl, defaultParams, liveCounts, packMatrix, randomMixture } from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear, expectSame, expectVector, powError } from './kernels-tolerance.ts';
import { fittedSpec, type Given, type Outcome, updateFitted } from './update-run.ts';

const decays: readonly Decay[] = ['stable-cosine', 'stable-linear', 'cosine', 'exponential', 'constant'];

interface Variant {
  dim: number;
  covariance: Covariance;
  decay: Decay;
  together: boolean;
  meanBy: 'new' | 'old';
}

const specOf = ({ dim, covariance, ...more }: Variant): UpdateSpec =>
  fittedSpec(dim, covariance, 'exponential', { size: 'spectral', ...more });

const largest = (G: Matrix): number =>
  Math.max(
    ...spectrum(
      G.map(() => 0),
      G,
    ).lambda.map(Math.abs),
  );

/** Of either sign, concave, convex or none at all, over many orders of size. */
function randomMoments(random: Content, dim: number, covariance: Covariance): { g: Vector; G: Matrix } {
  const size = 10 ** random.uniform(-5, 7);
  const shape = random.symmetric(dim, covariance, 1 / Math.sqrt(dim));
  const square = multiply(shape, transpose(shape));
  const G = [shape, shape, square, scale(-1, square), scale(0, shape)][random.integer(5)];
  return {
    g: random.vector(dim, () => random.normal(size)),
    G: G.map((row, i) => row.map((_, j) => Math.fround(size * (i > j ? G[i][j] : G[j][i])))),
  };
}

/** cond(exp(rho G)) is e^2 at most: a factor is off by that times some d units. */
function checkStep(
  { meanBy, rho, caps }: { meanBy: 'new' | 'old'; rho: number; caps: { deviationFloor: number; deviationCap: number } },
  { g, G }: Given,
  before: { mean: Vector; factor: Matrix },
  after: Outcome,
  where: string,
): void {
  const dim = g.length;
  expectEqual(`status of ${where}`, after.record[field.status], 0);
  const want = exponentialStep(before.factor, before.mean, g, G, { rho, meanBy, ...caps });
  const relative = 20 * (dim + 10) * EPSILON;
  for (let i = 0; i < dim; i++) {
    const length = Math.sqrt(dot(want.factor[i], want.factor[i]));
    expectVector(`row ${i} of the factor of ${where}`, after.factor[i], want.factor[i], relative * length);
    const used = meanBy === 'new' ? want.factor[i] : before.factor[i];
    const move = rho * sum(used.map((entry, j) => Math.abs(entry * g[j])));
    const slip = meanBy === 'new' ? rho * relative * length * Math.sqrt(dot(g, g)) : 0;
    const held = Math.abs(want.mean[i]) + Math.abs(before.mean[i]);
    expectNear(`mean ${i} of ${where}`, after.mean[i], want.mean[i], (dim + 4) * EPSILON * move + slip + 4 * EPSILON * held);
  }
  checkFactor(where, after.factor, after.inverse, after.record[field.logNorm], after.record[field.deviation]);
}

async function stepProperty(
  device: GPUDevice,
  variant: Variant,
  { components, content }: { components: number; content: number },
): Promise<void> {
  const { dim, covariance, decay, together, meanBy } = variant;
  const random = new Content(content);
  const mixture = randomMixture(random, dim, components, covariance);
  const omega = Math.fround(10 ** random.uniform(-1, 2));
  const anneal = random.chance(0.3) ? 5 + random.integer(20) : 0;
  const length = 1 + random.integer(40);
  const iteration = random.integer(60);
  const caps = { deviationFloor: random.chance(0.2) ? Math.fround(0.2) : 0, deviationCap: random.chance(0.2) ? Math.fround(0.35) : 0 };
  const [most, annealMost, least] = [random.uniform(0.1, 1), random.uniform(0.1, 1), Math.fround(0.1)];
  const given = mixture.components.map((): Given => {
    const { g, G } = randomMoments(random, dim, covariance);
    return { g, G, record: { radius: Math.fround(largest(G)) } };
  });
  // Of a common size a component's own moments are bounded all the more.
  const radii = given.map(({ record }) => record!.radius!);
  const annealing = iteration < anneal;
  const outcomes = await updateFitted(device, specOf(variant), mixture, given, {
    control: { temperature: omega, iteration },
    params: {
      rate: most,
      anneal,
      anneal_rate: annealMost,
      decay_iterations: length,
      decay_least: least,
      deviation_floor: caps.deviationFloor,
      deviation_cap: caps.deviationCap,
    },
  });
  outcomes.forEach((outcome, k) => {
    const where = `component ${k}, radius ${radii[k]}, omega ${omega}, iteration ${iteration} of ${anneal} + ${length}`;
    const radius = together && !annealing ? Math.max(...radii) : radii[k];
    const share = annealing ? 1 : eta(decay, iteration - anneal + 1, length, least);
    const bound = annealing ? annealMost : together ? most : 1;
    const want = spectralRate({ most: annealing ? annealMost : most, bound, eta: share, radius, omega });
    const rho = outcome.record[field.rate];
    expectNear(`rho of ${where}`, rho, want, (12 * EPSILON + powError(10, 1)) * want + (2e-6 * most) / omega);
    checkStep({ meanBy: annealing ? 'new' : meanBy, rho, caps }, given[k], mixture.components[k], outcome, where);
  });
}

/** Positive definite whatever the moments, and sound where they are at float32's limits. */
async function extremes(device: GPUDevice): Promise<void> {
  for (const [dim, covariance] of [
    [1, 'full'],
    [3, 'full'],
    [3, 'diagonal'],
    [40, 'full'],
    [80, 'full'],
  ] as const) {
    const random = new Content(dim);
    const given = [1e-30, 1e-12, 1, 1e12, 1e17].map((size): Given => {
      const { G } = randomMoments(random, dim, covariance);
      const unit = Math.max(largest(G), 1e-30);
      const scaled = G.map((row) => row.map((entry) => Math.fround((size * entry) / unit)));
      return { g: random.vector(dim, () => random.normal(size)), G: scaled, record: { radius: Math.fround(largest(scaled)) } };
    });
    const mixture = randomMixture(random, dim, given.length, covariance);
    const variant: Variant = { dim, covariance, decay: 'constant', together: false, meanBy: 'old' };
    for (const omega of [1e-6, 1, 1e6].map(Math.fround)) {
      const outcomes = await updateFitted(device, specOf(variant), mixture, given, {
        control: { temperature: omega },
        params: { rate: 1 },
      });
      outcomes.forEach((outcome, k) => {
        const where = `d = ${dim}, omega ${omega}, extreme ${k}`;
        expectEqual(`status of ${where}`, outcome.record[field.status], 0);
        for (let i = 0; i < dim; i++) if (!(outcome.factor[i][i] > 0)) throw new Error(`pivot ${i} of ${where} is ${outcome.factor[i][i]}`);
        checkFactor(where, outcome.factor, outcome.inverse, outcome.record[field.logNorm], outcome.record[field.deviation]);
      });
    }
  }
}

/** Samples too few or moments not finite: a component stays as it is, and the others' common size does not hang on it. */
async function failures(device: GPUDevice): Promise<void> {
  for (const [dim, covariance] of [
    [3, 'full'],
    [3, 'diagonal'],
    [80, 'full'],
  ] as const) {
    const random = new Content(dim);
    const variant: Variant = { dim, covariance, decay: 'constant', together: true, meanBy: 'old' };
    const mixture = randomMixture(random, dim, 4, covariance);
    const sound = (): Given => ({ g: random.vector(dim), G: random.symmetric(dim, covariance), record: { radius: 0 } });
    const spoilt = (value: number): Given => {
      const given = sound();
      given.G[dim - 1][dim - 1] = value;
      return given;
    };
    const last = sound();
    const radius = Math.fround(largest(last.G));
    const given: Given[] = [{ ...sound(), usable: 1 }, spoilt(Number.NaN), spoilt(3e38), { ...last, record: { radius } }];
    const outcomes = await updateFitted(device, specOf(variant), mixture, given, { params: { rate: 0.5 } });
    outcomes.forEach((outcome, k) => {
      const where = `component ${k}, d = ${dim}`;
      expectEqual(`status of ${where}`, outcome.record[field.status], [status.samples, status.moments, status.moments, 0][k]);
      if (k < 3) outcome.expectUnchanged(where);
      expectNear(`rho of ${where}`, outcome.record[field.rate], Math.min(0.5, 0.5 / radius), 4 * EPSILON);
    });
  }
}

/** The spectrum kernel on one leaf a component: moments combined, and the largest |eigenvalue| of each. */
async function spectrumProperty(
  device: GPUDevice,
  spec: UpdateSpec,
  { components, content }: { components: number; content: number },
): Promise<void> {
  const { dim, covariance } = spec;
  const random = new Content(content);
  const mixture = randomMixture(random, dim, components, covariance);
  const size = recordSize(dim);
  const part = partSize(dim, covariance);
  const usable = mixture.components.map(() => (random.chance(0.2) ? random.integer(2) : 2 + random.integer(50)));
  const moments = mixture.components.map(() => randomMoments(random, dim, covariance));
  const spoilt = mixture.components.map(() => random.chance(0.2));
  const parts = new Float32Array(components * part);
  moments.forEach(({ g, G }, k) => {
    const count = usable[k];
    const sums = [...g, ...packMatrix(G, covariance)].map((entry) => entry * count);
    if (spoilt[k]) sums[random.integer(sums.length)] = Number.NaN;
    parts.set([count, count, count, random.normal(), random.normal(), 1, NO_VALUE, 0, ...sums], k * part);
  });
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, { ...defaultControl, ...liveCounts({ components, samples: 100, leaves: 1 }) }),
      ms_params: pack(paramsLayout, { ...defaultParams, components, leaves: 1 }),
      ms_parts: parts,
      ms_components: mixture.records,
      ms_moments: components * momentSize(dim, covariance),
      ...(needsScratch(spec) ? { ms_scratch: components * pairs(dim, covariance) } : {}),
    });
    await bench.dispatch(spectrumKernel(spec), components);
    const [records] = await bench.floats('ms_components');
    moments.forEach(({ G }, k) => {
      const where = `component ${k} of ${usable[k]}${spoilt[k] ? ', spoilt' : ''}`;
      const radius = records[k * size + field.radius];
      const norm = Math.sqrt(sum(G.flat().map((entry) => entry * entry)));
      if (usable[k] < 2 || spoilt[k]) expectEqual(`radius of ${where}`, radius, 0);
      else expectNear(`radius of ${where}`, radius, largest(G), 2e-6 * norm + 1e-29);
      expectEqual(`usable of ${where}`, records[k * size + field.usable], usable[k]);
      const mean = records.subarray(k * size + field.mean, k * size + field.mean + dim);
      expectSame(`mean of ${where}`, mean, mixture.records.subarray(k * size + field.mean, k * size + field.mean + dim));
    });
  });
}

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  const next = (dim: number, covariance: Covariance): Variant => {
    turn++;
    return { dim, covariance, decay: decays[turn % decays.length], together: turn % 2 === 0, meanBy: turn % 3 === 0 ? 'new' : 'old' };
  };
  return Object.fromEntries(
    dims.map((dim) => {
      const wide = dim > WIDE;
      const kinds: Covariance[] = wide && !every ? ['full'] : ['full', 'diagonal'];
      const variants = kinds.flatMap((covariance) =>
        Array.from({ length: every && !wide ? decays.length : 1 }, () => next(dim, covariance)),
      );
      return [
        `exponential step, d = ${dim}`,
        async (device: GPUDevice) => {
          const specs = variants.map(specOf);
          await compileAll(device, [
            ...specs.map(updateKernel),
            ...kinds.map((covariance) => spectrumKernel(specOf({ ...variants[0], covariance }))),
          ]);
          const inputs = { components: fc.integer({ min: 1, max: wide ? 3 : 20 }), content: fc.nat() };
          const alone = [{ components: 1, content: 1 }];
          const times = wide ? 2 : runs;
          for (const variant of variants) await forAll(times, inputs, alone, (sizes) => stepProperty(device, variant, sizes));
          for (const covariance of kinds) {
            // Not fitted: its moments come out of partial sums.
            const spec = { ...specOf({ ...variants[0], covariance }), fitted: false };
            await forAll(times, inputs, alone, (sizes) => spectrumProperty(device, spec, sizes));
          }
        },
      ];
    }),
  );
}

export const cases: Cases = {
  ...makeCases({ ...brief, dims: [1, 7, 17] }),
  'a failed step changes nothing': failures,
};
export const longCases: Cases = { ...makeCases(thorough), 'huge and tiny moments': extremes };
