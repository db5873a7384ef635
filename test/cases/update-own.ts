/** Steps by each component's own size, on moments of a quadratic fit: sizes, the first step, failures, and the fit's ridge. */
import fc from 'fast-check';
import { type Covariance, field, status } from '../../src/kernels/state.ts';
import { type UpdateSpec, updateKernel } from '../../src/kernels/update.ts';
import type { Cases } from '../harness/cases.ts';
import { brief, compileAll, type Effort, forAll, thorough, WIDE } from './kernel-run.ts';
import { Content, randomMixture } from './kernels-content.ts';
import { DIVISION, EPSILON, expectEqual, expectNear, expectSame } from './kernels-tolerance.ts';
import { checkStep } from './update.ts';
import { fittedSpec, type Given, updateFitted } from './update-run.ts';

type Kind = 'sound' | 'few' | 'notFinite' | 'features' | 'unsolved' | 'tooLarge';
const kinds: Kind[] = ['sound', 'few', 'notFinite', 'features', 'unsolved', 'tooLarge'];
const wanted: Record<Kind, number> = {
  sound: 0,
  few: status.samples,
  notFinite: status.moments,
  features: status.features,
  unsolved: status.fit,
  tooLarge: status.factorisation,
};

const RIDGE_FIRST = Math.fround(1e-12);
const RIDGE_MOST = Math.fround(1e-2);

function randomGiven(random: Content, spec: UpdateSpec, kind: Kind, omega: number): Given {
  const { dim, covariance } = spec;
  // The direct step fails where rho times an eigenvalue of G passes 1.
  const G = random.symmetric(dim, covariance, 0.5 / Math.sqrt(dim));
  const rho = random.uniform(0.05, 0.5);
  if (kind === 'tooLarge') G[dim - 1][dim - 1] = 4 / rho;
  if (kind === 'notFinite' || kind === 'unsolved') G[0][0] = Number.NaN;
  return {
    g: random.vector(dim),
    G,
    usable: kind === 'few' ? 1 : 50,
    record: {
      step: Math.fround(rho * omega),
      stepFactor: random.uniform(0.1, 1),
      updates: random.chance(0.5) ? 0 : random.integer(1000),
      fit: kind === 'features' || kind === 'unsolved' ? wanted[kind] : 0,
      ridge: Math.fround(RIDGE_FIRST * 10 ** random.uniform(0, 6)),
    },
  };
}

async function ownProperty(device: GPUDevice, spec: UpdateSpec, sizes: { components: number; content: number }): Promise<void> {
  const { dim, covariance } = spec;
  const random = new Content(sizes.content);
  const omega = Math.fround(10 ** random.uniform(-2, 2));
  const mixture = randomMixture(random, dim, sizes.components, covariance);
  const drawn = mixture.components.map((): Kind => {
    const kind = random.chance(0.5) ? 'sound' : kinds[random.integer(kinds.length)];
    return kind === 'tooLarge' && spec.step !== 'direct' ? 'sound' : kind;
  });
  const given = drawn.map((kind) => randomGiven(random, spec, kind, omega));
  const live = 1 + random.integer(sizes.components);
  const outcomes = await updateFitted(device, spec, mixture, given, {
    // The rate of all components, its schedule and its bound are not for these.
    params: { rate: 7, rate_limit: 1e-3, trust: 1e-3, ridge_first: RIDGE_FIRST },
    control: { temperature: omega, first_temperature: 2 * omega },
    live,
  });
  outcomes.forEach((outcome, k) => {
    const { record, old } = outcome;
    const where = `component ${k} of ${live} (${drawn[k]})`;
    if (k >= live) {
      expectSame(`record of ${where}`, record, old);
      outcome.expectUnchanged(where);
      return;
    }
    const taken = drawn[k] === 'sound';
    expectEqual(`status of ${where}`, record[field.status], wanted[drawn[k]]);
    expectEqual(`updates of ${where}`, record[field.updates], old[field.updates] + 1);
    expectEqual(`step of ${where}`, record[field.step], old[field.step]);
    expectEqual(`factor of ${where}`, record[field.stepFactor], old[field.stepFactor]);
    expectNear(`rho of ${where}`, record[field.rate], old[field.step] / omega, (DIVISION * old[field.step]) / omega);
    const ridge = old[field.ridge];
    const sparse = drawn[k] === 'few' || drawn[k] === 'features';
    const next = taken ? Math.max(ridge / 2, RIDGE_FIRST) : sparse ? ridge : Math.min(RIDGE_MOST, 10 * ridge);
    expectNear(`ridge of ${where}`, record[field.ridge], spec.fitted ? next : ridge, EPSILON * next);
    if (!taken) {
      outcome.expectUnchanged(where);
      return;
    }
    const rho = record[field.rate];
    const first = spec.meanFirst === 'second' && old[field.updates] === 0;
    const caps = { deviationFloor: 0, deviationCap: 0, meanCap: 0 };
    const rule = spec.step === 'iblr' ? 'iblr' : 'direct';
    const options = { rule, meanBy: spec.meanBy, rhoMean: first ? 0 : rho, rhoCov: rho, ...caps } as const;
    checkStep(spec, options, mixture.components[k], outcome, given[k].g, given[k].G, where);
    if (first) expectSame(`mean of ${where}`, outcome.mean, Array.from(old.subarray(field.mean, field.mean + dim)));
  });
}

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => {
      const variants = (['iblr', 'direct'] as const).flatMap((step) =>
        (['full', 'diagonal'] as const).map((covariance) => ({ step, covariance })),
      );
      const specs = variants
        .filter((_, i) => every || i % 2 === dim % 2)
        .map(({ step, covariance }: { step: 'iblr' | 'direct'; covariance: Covariance }) => {
          turn++;
          // As in Lin, Schmidt, Khan 2020, and with the mean by the new covariance.
          const more =
            turn % 3 === 0 ? ({ meanBy: 'new' } as const) : ({ meanBy: 'old', meanFirst: turn % 3 === 1 ? 'second' : 'at-once' } as const);
          return fittedSpec(dim, covariance, step, more);
        });
      return [
        `own step sizes, d = ${dim}`,
        async (device: GPUDevice) => {
          await compileAll(device, specs.map(updateKernel));
          for (const spec of specs) {
            const wide = dim > WIDE;
            const inputs = { components: fc.integer({ min: 1, max: wide ? 4 : 16 }), content: fc.nat() };
            await forAll(wide ? 3 : runs, inputs, [{ components: 3, content: 1 }], (sizes) => ownProperty(device, spec, sizes));
          }
        },
      ];
    }),
  );
}

export const cases: Cases = makeCases(brief);
export const longCases: Cases = makeCases(thorough);
