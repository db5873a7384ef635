/**
 * GMBBVI, "Adaptive Exponential Integration for Stable Gaussian Mixture Black-Box Variational Inference" (arXiv 2601.14855): natural
 * gradients of a Gaussian mixture from values of the log density alone. A few whitened draws a component, an exponential step that keeps
 * every covariance positive definite, and a step size that the curvature bounds; formulas sheet kalman.md 3.3, 3.4. `covariance:
 * 'diagonal'` is DGMBBVI. Its draws are whitened like the others.
 */
import { OptionError } from '../gpu/errors.ts';
import type { Covariance } from '../kernels/state.ts';
import type { Decay } from '../kernels/update.ts';
import type { Method, MethodSpec } from '../run/method.ts';
import { checkNames, choiceOption, numberOption } from '../run/options.ts';
import { DECAY_ITERATIONS } from '../step/step.ts';

/** Options of {@link gmbbvi}. */
export interface GmbbviOptions {
  /** `full` (default) or `diagonal`, which is the paper's DGMBBVI. */
  covariance?: Covariance;
  /** dt_max, above 0 and at most 1. Default 0.9. */
  rate?: number;
  /**
   * How the step size falls to a tenth: `stable-cosine` (default) and `stable-linear` in the second half of the run, `cosine` and
   * `exponential` from the start, `constant` not at all.
   */
  schedule?: Decay;
  /** Iterations over which it falls, after annealing. Default: what the run's budget leaves, or 300. */
  iterations?: number;
  /**
   * Iterations at the start in which the temperature falls to 1, so that modes far outside of the first mixture are found too; 0 for none.
   * Default 200, of a shorter run two fifths.
   */
  anneal?: number;
  /** dt_max while annealing. Default 0.5. */
  annealRate?: number;
  /** Temperature that annealing starts at. Default: where the density pulls at the means ten times as hard as the mixture's entropy. */
  firstTemperature?: number;
  /** Smallest weight, above 0 and at most 0.1. Default 1e-8. */
  weightFloor?: number;
  /** K, a whole number from 1 to 1024. Default 40. */
  components?: number;
  /** J, draws of a component in an iteration: d + 1 or more. Default 2 d + 1. */
  samples?: number;
}

const names: readonly (keyof GmbbviOptions)[] = [
  'covariance',
  'rate',
  'schedule',
  'iterations',
  'anneal',
  'annealRate',
  'firstTemperature',
  'weightFloor',
  'components',
  'samples',
];

const schedules: readonly Decay[] = ['stable-cosine', 'stable-linear', 'cosine', 'exponential', 'constant'];

/** As in the paper's runs. */
const COMPONENTS = 40;
const RATE = 0.9;
const ANNEAL_RATE = 0.5;
/** Of the paper's 500 and 500 iterations fewer do: 200 and 300. */
const ANNEAL_ITERATIONS = 200;
const ANNEAL_SHARE = 0.4;
const WEIGHT_FLOOR = 1e-8;

/** GMBBVI with its options; give the result as `method`. @throws OptionError */
export function gmbbvi(options: GmbbviOptions = {}): MethodSpec {
  checkNames('gmbbvi option', options, names);
  return { name: 'gmbbvi', resolve: (objective) => resolve(options, objective) };
}

function resolve(options: GmbbviOptions, { dim }: { dim: number }): Method {
  const positive = { min: 0, max: Number.POSITIVE_INFINITY, above: true };
  const rates = { min: 0, max: 1, above: true };
  const iterations = numberOption('iterations', options.iterations, undefined, { min: 1, max: 1e9, whole: true });
  const anneal = numberOption('anneal', options.anneal, ANNEAL_ITERATIONS, { min: 0, max: 1e9, whole: true });
  const decay = choiceOption('schedule', options.schedule, 'stable-cosine', schedules);
  for (const name of ['annealRate', 'firstTemperature'] as const) {
    if (options[name] !== undefined && anneal === 0)
      throw new OptionError(`${name} has no effect without iterations that anneal; give anneal`);
  }
  const covariance = choiceOption('covariance', options.covariance, 'full', ['full', 'diagonal']);
  const diagonal = covariance === 'diagonal';
  return {
    name: 'gmbbvi',
    options: { ...options },
    covariance,
    sampling: 'own',
    nodes: 'whitened',
    estimator: 'score',
    utilities: 'cma',
    step: {
      rule: 'exponential',
      // DGMBBVI moves its means by the new deviations, and each component has its own step size.
      meanBy: diagonal ? 'new' : 'old',
      size: {
        kind: 'spectral',
        rate: numberOption('rate', options.rate, RATE, rates),
        decay,
        iterations,
        together: !diagonal,
        anneal: {
          iterations: anneal,
          share: options.anneal === undefined ? ANNEAL_SHARE : 1,
          rate: numberOption('annealRate', options.annealRate, ANNEAL_RATE, rates),
        },
      },
      trust: 0,
      burn: 0,
    },
    weights: {
      kind: 'exact',
      ratio: 1,
      floor: numberOption('weightFloor', options.weightFloor, WEIGHT_FLOOR, { min: 0, max: 0.1, above: true }),
    },
    temperature:
      anneal > 0
        ? {
            kind: 'geometric',
            iterations: anneal,
            first: numberOption('firstTemperature', options.firstTemperature, undefined, positive),
            from: 'slopes',
            final: 1,
            floor: 1,
          }
        : { kind: 'fixed', first: 1 },
    components: numberOption('components', options.components, COMPONENTS, { min: 1, max: 1024, whole: true }),
    samples: numberOption('samples', options.samples, 2 * dim + 1, { min: dim + 1, max: 2 ** 22, whole: true }),
    iterations: anneal + (iterations ?? DECAY_ITERATIONS),
  };
}
