/** The step within a bound on its KL divergence: as long as the bound lets it be, and no longer. */
import fc from 'fast-check';
import { type Covariance, field, status } from '../../src/kernels/state.ts';
import { updateKernel } from '../../src/kernels/update.ts';
import type { Cases } from '../harness/cases.ts';
import {
  add,
  diagonal,
  dot,
  identity,
  type Matrix,
  multiply,
  outer,
  scale,
  sum,
  transpose,
  type Vector,
  zeroMatrix,
  zeros,
} from '../reference/matrix.ts';
import { step } from '../reference/step.ts';
import { divergence, leastKappa, spectrum, stepDivergence } from '../reference/trust.ts';
import { checkFactor } from './factorise.ts';
import { brief, compileAll, type Effort, forAll, thorough, WIDE } from './kernel-run.ts';
import { Content, randomMixture } from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear } from './kernels-tolerance.ts';
import { checkStep } from './update.ts';
import { fittedSpec, type Given, type Outcome, updateFitted } from './update-run.ts';

/** A factor of ten to a random power. */
const decades = (random: Content, low: number, high: number): number => Math.fround(10 ** random.uniform(low, high));

const rounded = (matrix: Matrix): Matrix => matrix.map((row) => row.map(Math.fround));

/** Eigenvalues of either sign over twelve decades, about axes reflected at random. */
function graded(random: Content, dim: number, covariance: Covariance): Matrix {
  const matrix = diagonal(random.vector(dim, () => decades(random, -6, 6) * (random.chance(0.5) ? 1 : -1)));
  if (covariance === 'diagonal') return matrix;
  const normal = random.vector(dim);
  const mirror = add(identity(dim), scale(-2 / dot(normal, normal), outer(normal, normal)));
  const turned = rounded(multiply(mirror, multiply(matrix, mirror)));
  return turned.map((row, i) => row.map((entry, j) => (j < i ? entry : turned[j][i])));
}

/** E[hess f], whitened: of either sign, concave (as near a maximum), convex, ill-conditioned, or nothing at all. */
function randomCurvature(random: Content, dim: number, covariance: Covariance): Matrix {
  const size = decades(random, -6, 8);
  const shape = random.symmetric(dim, covariance, 1 / Math.sqrt(dim));
  const kind = random.integer(6);
  if (kind === 0) return zeroMatrix(dim);
  if (kind === 5) return graded(random, dim, covariance);
  if (kind <= 2) return rounded(scale(size, shape));
  const square = multiply(shape, transpose(shape));
  return rounded(scale(kind === 3 ? -size : size, square));
}

function randomGiven(random: Content, dim: number, covariance: Covariance): Given {
  const pull = random.chance(0.2) ? 0 : decades(random, -6, 6);
  return {
    g: random.chance(0.1) ? zeros(dim) : random.vector(dim, () => random.normal(pull)),
    G: randomCurvature(random, dim, covariance),
    record: { step: decades(random, -7, 4) },
  };
}

/** Largest share by which the kernel's eigenvalues, kappa and the factor of kappa - G may be off, of |G| and kappa. */
const errorShare = (covariance: Covariance): number => (covariance === 'full' ? 2e-5 : 1e-6);

/** What a step is but for its size. */
const whole = { rule: 'direct', meanBy: 'new', deviationFloor: 0, deviationCap: 0, meanCap: 0 } as const;

/** kappa meets the bound, or is the least there is; the step is the direct one by 1/kappa. */
function checkTrust(
  { g, G, record }: Given,
  { covariance, omega }: { covariance: Covariance; omega: number },
  before: { mean: Vector; factor: Matrix },
  after: Outcome,
  where: string,
): void {
  const dim = g.length;
  const bound = Math.fround(record!.step!);
  expectEqual(`status of ${where}`, after.record[field.status], 0);
  const rho = after.record[field.rate];
  const kappa = 1 / rho;
  const eigen = spectrum(g, G);
  const norm = Math.sqrt(sum(eigen.lambda.map((own) => own * own)));
  const off = (covariance === 'full' ? 2 + Math.sqrt(dim) : 1) * EPSILON * norm + 4 * EPSILON * kappa;
  const least = leastKappa(eigen, omega, errorShare(covariance));
  if (!(kappa >= least - 2 * off)) throw new Error(`${where}: kappa ${kappa} is below ${least}`);
  const most = stepDivergence(eigen, kappa + off);
  if (!(most <= 1.001 * bound)) throw new Error(`${where}: a divergence of ${most} exceeds the bound ${bound}`);
  const nearest = stepDivergence(eigen, kappa - off);
  if (kappa > least + 2 * off && !(nearest >= 0.999 * bound)) {
    throw new Error(`${where}: a divergence of ${nearest} where ${bound} was allowed, kappa ${kappa}, at least ${least}`);
  }
  checkStep(fittedSpec(dim, covariance, 'trust'), { ...whole, rhoMean: rho, rhoCov: rho }, before, after, g, G, where);
  checkFactor(where, after.factor, after.inverse, after.record[field.logNorm], after.record[field.deviation]);
  // The divergence between the Gaussians as they lie there. Near 0 its root is a distance, which rounding moves by its own size.
  const condition = (kappa + Math.max(...eigen.lambda)) / (kappa + Math.min(...eigen.lambda));
  const moved = Math.max(...before.mean.map((entry, i) => Math.abs(entry) / before.factor[i][i]));
  const rounding = (dim + 4) * EPSILON * (condition + moved);
  const wanted = Math.sqrt(stepDivergence(eigen, kappa));
  const got = Math.sqrt(Math.max(divergence(after, before), 0));
  expectNear(`root of the divergence of ${where}`, got, wanted, 1e-4 * wanted + rounding * (1 + wanted));
}

async function trustProperty(
  device: GPUDevice,
  { dim, covariance }: { dim: number; covariance: Covariance },
  sizes: { components: number; content: number },
): Promise<void> {
  const random = new Content(sizes.content);
  const mixture = randomMixture(random, dim, sizes.components, covariance);
  const omega = decades(random, -3, 3);
  const given = mixture.components.map(() => randomGiven(random, dim, covariance));
  const outcomes = await updateFitted(device, fittedSpec(dim, covariance, 'trust'), mixture, given, { control: { temperature: omega } });
  outcomes.forEach((outcome, k) => {
    const where = `component ${k}, bound ${given[k].record!.step}`;
    checkTrust(given[k], { covariance, omega }, mixture.components[k], outcome, where);
    expectEqual(`updates of ${where}`, outcome.record[field.updates], 1);
    expectEqual(`step of ${where}`, outcome.record[field.step], outcome.old[field.step]);
    expectEqual(`factor of ${where}`, outcome.record[field.stepFactor], outcome.old[field.stepFactor]);
  });
}

/** The twin's two formulas agree, and fall as kappa grows. */
async function twinAgrees(): Promise<void> {
  const random = new Content(3);
  for (const dim of [1, 2, 5, 9]) {
    const [before] = randomMixture(random, dim, 1, 'full').components;
    const g = random.vector(dim);
    const G = random.symmetric(dim, 'full');
    const eigen = spectrum(g, G);
    let last = Number.POSITIVE_INFINITY;
    for (let kappa = 0.01 - Math.min(0, ...eigen.lambda); kappa < 1e3; kappa *= 1.3) {
      const value = stepDivergence(eigen, kappa);
      if (!(value < last)) throw new Error(`the divergence grows from ${last} to ${value} at kappa = ${kappa}`);
      last = value;
      const options = { ...whole, rhoMean: 1 / kappa, rhoCov: 1 / kappa };
      const after = step(before.factor, before.mean, g, G, options);
      if (!after) throw new Error(`the twin takes no step at kappa = ${kappa}`);
      expectNear(`divergence at kappa = ${kappa}`, divergence(after, before), value, 1e-9 * (1 + value));
    }
  }
}

/** The same moments under bounds that grow: steps that grow up to the full one. */
async function boundsInTurn(device: GPUDevice): Promise<void> {
  for (const [dim, covariance] of [
    [1, 'full'],
    [4, 'full'],
    [4, 'diagonal'],
    [20, 'full'],
  ] as const) {
    const random = new Content(dim);
    const mixture = randomMixture(random, dim, 30, covariance);
    const g = random.vector(dim);
    // Concave: the full step is allowed once the bound is large.
    const shape = random.symmetric(dim, covariance, 1 / Math.sqrt(dim));
    const G = rounded(scale(-1, multiply(shape, shape)));
    const given = mixture.components.map((_, k): Given => ({ g, G, record: { step: Math.fround(10 ** (-7 + k / 3)) } }));
    const outcomes = await updateFitted(device, fittedSpec(dim, covariance, 'trust'), mixture, given, { control: { temperature: 0.5 } });
    outcomes.forEach((outcome, k) => {
      const where = `d = ${dim}, bound ${given[k].record!.step}`;
      checkTrust(given[k], { covariance, omega: 0.5 }, mixture.components[k], outcome, where);
      if (k > 0 && outcome.record[field.rate] < outcomes[k - 1].record[field.rate]) throw new Error(`a shorter step of ${where}`);
    });
    expectEqual('the full step', outcomes[29].record[field.rate], 2);
  }
}

/** Moments near float32's limits, and none: finite, and as long as the bound lets the step be. */
async function extremes(device: GPUDevice): Promise<void> {
  for (const [dim, covariance] of [
    [1, 'diagonal'],
    [3, 'full'],
    [3, 'diagonal'],
    [40, 'full'],
  ] as const) {
    const random = new Content(dim);
    const still = zeroMatrix(dim);
    const ones = new Array<number>(dim).fill(1);
    const given: Given[] = [
      { g: zeros(dim), G: still, record: { step: 1e-7 } },
      { g: ones.map(() => Math.fround(1e17)), G: still, record: { step: Math.fround(1e-7) } },
      { g: ones.map(() => Math.fround(1e-17)), G: still, record: { step: Math.fround(1e-7) } },
      { g: zeros(dim), G: scale(Math.fround(1e17), identity(dim)), record: { step: Math.fround(1e-7) } },
      { g: ones, G: scale(-Math.fround(1e17), identity(dim)), record: { step: 1e4 } },
      { g: ones, G: rounded(scale(1e-12, identity(dim))), record: { step: 1e4 } },
    ];
    const mixture = randomMixture(random, dim, given.length, covariance);
    for (const omega of [Math.fround(1e-10), 1, Math.fround(1e10)]) {
      const outcomes = await updateFitted(device, fittedSpec(dim, covariance, 'trust'), mixture, given, {
        control: { temperature: omega },
      });
      outcomes.forEach((outcome, k) => {
        checkTrust(given[k], { covariance, omega }, mixture.components[k], outcome, `d = ${dim}, omega ${omega}, extreme ${k}`);
      });
    }
  }
}

/** Samples too few or moments not finite: nothing but status, rate and the count of updates changes. */
async function failures(device: GPUDevice): Promise<void> {
  for (const [dim, covariance] of [
    [3, 'full'],
    [3, 'diagonal'],
    [80, 'full'],
  ] as const) {
    const random = new Content(dim);
    const mixture = randomMixture(random, dim, 5, covariance);
    const sound = () => ({ g: random.vector(dim), G: random.symmetric(dim, covariance), record: { step: 0.5, updates: 6 } });
    const spoilt = (value: number): Given => {
      const given = sound();
      given.G[dim - 1][dim - 1] = value;
      return given;
    };
    const given: Given[] = [{ ...sound(), usable: 1 }, spoilt(Number.NaN), spoilt(Number.NEGATIVE_INFINITY), spoilt(3e38), sound()];
    const outcomes = await updateFitted(device, fittedSpec(dim, covariance, 'trust'), mixture, given);
    outcomes.forEach((outcome, k) => {
      const where = `component ${k}, d = ${dim}`;
      expectEqual(
        `status of ${where}`,
        outcome.record[field.status],
        [status.samples, status.moments, status.moments, status.moments, 0][k],
      );
      expectEqual(`updates of ${where}`, outcome.record[field.updates], 7);
      if (k < 4) outcome.expectUnchanged(where);
    });
  }
}

function makeCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `trust region, d = ${dim}`,
      async (device: GPUDevice) => {
        const wide = dim > WIDE;
        const kinds = wide ? (['full'] as const) : (['full', 'diagonal'] as const);
        await compileAll(
          device,
          kinds.map((covariance) => updateKernel(fittedSpec(dim, covariance, 'trust'))),
        );
        for (const covariance of kinds) {
          const inputs = { components: fc.integer({ min: 1, max: wide ? 4 : 20 }), content: fc.nat() };
          await forAll(wide ? 3 : runs, inputs, [{ components: 1, content: 1 }], (sizes) =>
            trustProperty(device, { dim, covariance }, sizes),
          );
        }
      },
    ]),
  );
}

export const cases: Cases = {
  ...makeCases(brief),
  'the twin by both formulas': twinAgrees,
  'larger bounds, longer steps': boundsInTurn,
  'huge and tiny moments': extremes,
  'a failed step changes nothing': failures,
};
export const longCases = makeCases(thorough);
