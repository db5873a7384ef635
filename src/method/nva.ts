/**
 * Natural variational annealing (Minh, Arbel, Forbes, Arnaud: "Natural variational annealing for multimodal optimization",
 * arXiv 2501.04667): K Gaussians climb l - omega log q by natural gradients while omega cools. All variants of the paper are choices
 * of one estimator and one sampling; the default schedule needs no tuning (nva.md 4.3).
 */

import type { Utilities } from '../estimator/utilities.ts';
import { OptionError } from '../gpu/errors.ts';
import type { Estimator } from '../kernels/estimator.ts';
import type { Covariance } from '../kernels/state.ts';
import type { StepRule } from '../kernels/update.ts';
import type { Method, MethodSpec } from '../run/method.ts';
import { checkNames, choiceOption, numberOption } from '../run/options.ts';
import type { Sampling } from '../sampler/plan.ts';
import type { Temperature } from '../schedule/temperature.ts';
import type { StepSize } from '../step/step.ts';

/** Estimators of NVA. */
export type NvaEstimator = Exclude<Estimator, 'quadratic'>;

/** Options of {@link nva}. An option that the chosen schedule, estimator or step size would never look at is refused. */
export interface NvaOptions {
  /**
   * `stein` (gradients), `hessian` (gradients and Hessians), `score` (values only), `ranked` (values only, fitness-shaped).
   * Default: `stein` where the objective has a gradient, else `score`.
   */
  estimator?: NvaEstimator;
  /** `own`: each component its own samples. `mixture`, `flat`, `stratified` (balance heuristic): one batch shared by importance weights. */
  sampling?: Exclude<Sampling, 'component'>;
  /**
   * Utilities of `ranked`: `cma` (default; log weights on the top quarter) or `xnes` (zero-sum). Of 4096 samples a component and more,
   * neighbours may share the mean utility of their ranks: fewer than a 256th of them, and all of equal value.
   */
  utilities?: Utilities;
  /** `full` (default) or `diagonal`. */
  covariance?: Covariance;
  /** `adaptive` (default), or the authors' `power` law, or `geometric`, or `fixed`. */
  schedule?: 'adaptive' | 'power' | 'geometric' | 'fixed';
  /** Adaptive schedule: 1/omega grows by cooling/sd(l) an iteration. Default 0.05 with gradients, 0.03 without. */
  cooling?: number;
  /** First temperature omega_1; default: the spread of the objective over the first samples. */
  firstTemperature?: number;
  /** The run ends below this temperature. Default 1e-4 of the first. */
  finalTemperature?: number;
  /** The adaptive schedule cools to this temperature and stays there; 1 for posteriors. */
  temperatureFloor?: number;
  /** alpha of the power law omega_1 / t^alpha. Default 1. */
  temperaturePower?: number;
  /** Iterations over which the geometric schedule cools. Default 300. */
  coolingIterations?: number;
  /** Step size: `relative` (rho = eta/omega), `absolute` (rho), or the authors' `power` law. Default: relative; absolute for `ranked`. */
  stepSize?: StepSize['kind'];
  /** eta, rho, or rho_1, above 0. Default 0.3 with gradients, 0.1 without. */
  rate?: number;
  /** p of the power law, 0 to 10. Default 0.7. */
  ratePower?: number;
  /** Bound on rho max(|G|_F, |g|) for each component; 0 for none. Default 0.7 with gradients, 0.3 of `score`, 0 of `ranked`. */
  trust?: number;
  /** `iblr` (default; always positive definite) or `direct`. */
  step?: StepRule;
  /** The mean moves by the `new` covariance (default; NVA) or the `old` one. */
  meanBy?: 'new' | 'old';
  /** Iterations at the start with frozen covariances. Default 0. */
  burn?: number;
  /** Weight step as a share of the component's; 0 (default) leaves the weights fixed. */
  weightRate?: number;
  /** Smallest weight, as a share of 1/K: 1e-9 to 1. Default 1e-3. */
  weightFloor?: number;
  /** K, a whole number from 1 to 1024. Default 16; 8 in one dimension. */
  components?: number;
  /** Samples per component and iteration, from 2. Default 8 (d where that is more) with gradients, 32 (or 4 d) without. */
  samples?: number;
}

/** Constants per estimator (nva.md 5.5, last table), chosen on the public problems there and frozen. */
const defaults: Record<NvaEstimator, { rate: number; cooling: number; trust: number; samples: number }> = {
  stein: { rate: 0.3, cooling: 0.05, trust: 0.7, samples: 8 },
  hessian: { rate: 0.3, cooling: 0.05, trust: 0.7, samples: 8 },
  score: { rate: 0.1, cooling: 0.03, trust: 0.3, samples: 32 },
  ranked: { rate: 0.1, cooling: 0.03, trust: 0, samples: 32 },
};

const names: readonly (keyof NvaOptions)[] = [
  'estimator',
  'sampling',
  'utilities',
  'covariance',
  'schedule',
  'cooling',
  'firstTemperature',
  'finalTemperature',
  'temperatureFloor',
  'temperaturePower',
  'coolingIterations',
  'stepSize',
  'rate',
  'ratePower',
  'trust',
  'step',
  'meanBy',
  'burn',
  'weightRate',
  'weightFloor',
  'components',
  'samples',
];

/**
 * Natural variational annealing; give the result as `method`. K Gaussians maximise J = E_q[l] + omega H(q), q their mixture, by natural
 * gradients, while the temperature omega falls:
 *
 *     M = I - rho G + rho^2 G^2 / 2,    Sigma <- L M^-1 L^T,    mu <- mu + rho L M^-1 g,    rho = rate / omega
 *
 * with g and G the expected gradient and Hessian of l - omega log q in a component's own whitened coordinates, Sigma = L L^T.
 *
 * Sources: Minh, Arbel, Forbes, Arnaud, arXiv 2501.04667; the step by Lin, Schmidt, Khan 2020 (iBLR).
 *
 * @example
 * await minimize({ wgsl, box, method: nva({ estimator: 'ranked', components: 32 }) });
 *
 * @throws OptionError for an unknown name, a number out of range, or an option without effect; when resolved, for an estimator that needs
 * derivatives which the objective does not give
 */
export function nva(options: NvaOptions = {}): MethodSpec {
  checkNames('nva option', options, names);
  return { name: 'nva', resolve: (objective) => resolve(options, objective) };
}

function resolve(options: NvaOptions, objective: { derivatives: 'value' | 'gradient' | 'hessian'; dim: number }): Method {
  const estimator =
    choiceOption('estimator', options.estimator, undefined, ['stein', 'hessian', 'score', 'ranked']) ??
    (objective.derivatives === 'value' ? 'score' : 'stein');
  const missing = { stein: 'value', hessian: 'value gradient', score: '', ranked: '' }[estimator]
    .split(' ')
    .includes(objective.derivatives);
  if (missing) {
    const wanted = estimator === 'stein' ? 'value_and_gradient' : 'value_and_gradient and hessian';
    throw new OptionError(`the ${estimator} estimator needs an objective with ${wanted}; this one gives its ${objective.derivatives} only`);
  }
  const sampling = choiceOption('sampling', options.sampling, 'own', ['own', 'mixture', 'flat', 'stratified']);
  if (sampling !== 'own' && (estimator === 'ranked' || estimator === 'hessian')) {
    throw new OptionError(
      estimator === 'ranked'
        ? 'ranked utilities do not combine with a shared batch: components away from the best would get no parents (nva.md 3.4 e); use sampling: own'
        : 'the Hessian estimator takes own samples; use sampling: own',
    );
  }
  const base = defaults[estimator];
  const schedule = choiceOption('schedule', options.schedule, 'adaptive', ['adaptive', 'power', 'geometric', 'fixed']);
  const positive = { min: 0, max: Number.POSITIVE_INFINITY, above: true };
  const first = numberOption('firstTemperature', options.firstTemperature, undefined, positive);
  const final = numberOption('finalTemperature', options.finalTemperature, undefined, positive);
  const cooling = numberOption('cooling', options.cooling, base.cooling, positive);
  const power = numberOption('temperaturePower', options.temperaturePower, 1, positive);
  const coolingIterations = numberOption('coolingIterations', options.coolingIterations, 300, { min: 1, max: 1e9, whole: true });
  const bounds = { first, final, floor: numberOption('temperatureFloor', options.temperatureFloor, undefined, positive) };
  const temperature: Temperature = {
    adaptive: { ...bounds, kind: 'adaptive' as const, cooling },
    power: { ...bounds, kind: 'power' as const, first: first ?? 1, power },
    geometric: { ...bounds, kind: 'geometric' as const, iterations: coolingIterations },
    fixed: { ...bounds, kind: 'fixed' as const, first: first ?? 1 },
  }[schedule];
  refuseIdle(options, { schedule, estimator, kind: options.stepSize });
  const kind = choiceOption('stepSize', options.stepSize, estimator === 'ranked' ? 'absolute' : 'relative', [
    'relative',
    'absolute',
    'power',
  ]);
  const samples = numberOption('samples', options.samples, undefined, { min: 2, max: 2 ** 22, whole: true });
  return {
    name: 'nva',
    options: { ...options },
    covariance: choiceOption('covariance', options.covariance, 'full', ['full', 'diagonal']),
    sampling,
    estimator,
    utilities: choiceOption('utilities', options.utilities, 'cma', ['cma', 'xnes']),
    step: {
      rule: choiceOption('step', options.step, 'iblr', ['iblr', 'direct']),
      meanBy: choiceOption('meanBy', options.meanBy, 'new', ['new', 'old']),
      size: {
        kind,
        rate: numberOption('rate', options.rate, base.rate, positive),
        power: numberOption('ratePower', options.ratePower, 0.7, { min: 0, max: 10 }),
      },
      trust: numberOption('trust', options.trust, base.trust, { min: 0, max: Number.POSITIVE_INFINITY }),
      burn: numberOption('burn', options.burn, 0, { min: 0, max: 2 ** 31, whole: true }),
    },
    weights: {
      kind: 'rate',
      ratio: numberOption('weightRate', options.weightRate, 0, { min: 0, max: 100 }),
      floor: numberOption('weightFloor', options.weightFloor, 1e-3, { min: 1e-9, max: 1 }),
    },
    temperature,
    components: numberOption('components', options.components, undefined, { min: 1, max: 1024, whole: true }),
    samples: samples ?? defaultSamples(estimator, objective.dim),
  };
}

/** Options that the chosen schedule, estimator or step size would never look at. @throws OptionError */
function refuseIdle(options: NvaOptions, chosen: { schedule: string; estimator: string; kind: string | undefined }): void {
  const needs: [keyof NvaOptions, boolean, string][] = [
    ['cooling', chosen.schedule === 'adaptive', 'schedule: adaptive'],
    ['temperaturePower', chosen.schedule === 'power', 'schedule: power'],
    ['coolingIterations', chosen.schedule === 'geometric', 'schedule: geometric'],
    ['finalTemperature', chosen.schedule !== 'fixed', 'a schedule that cools'],
    ['ratePower', chosen.kind === 'power', 'stepSize: power'],
    ['utilities', chosen.estimator === 'ranked', 'estimator: ranked'],
  ];
  for (const [name, used, wanted] of needs) {
    if (options[name] !== undefined && !used) throw new OptionError(`${name} has no effect here: it belongs to ${wanted}`);
  }
}

/** Enough samples for a component to see its own shape: more dimensions, more of them. */
function defaultSamples(estimator: NvaEstimator, dim: number): number {
  const { samples } = defaults[estimator];
  return estimator === 'score' || estimator === 'ranked' ? Math.max(samples, 4 * dim) : Math.max(samples, dim);
}
