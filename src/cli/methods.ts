/** The methods by name, with what `modescape methods` says of their options. */
import {
  type DfGmviOptions,
  type EnsembleOptions,
  type GmbbviOptions,
  type GmkiOptions,
  type GmmviOptions,
  gmbbvi,
  gmmvi,
  gmmviPresets,
  type MethodSpec,
  type NvaOptions,
  nva,
  posteriorNva,
} from '../index.ts';
import { isGmmviName } from '../method/gmmvi.ts';
import { unknownName } from '../run/options.ts';

export interface CommandMethod {
  readonly title: string;
  /** Every option with a line about it. */
  readonly options: Readonly<Record<string, string>>;
  readonly search: (options: Record<string, unknown>) => MethodSpec;
  readonly sample: (options: Record<string, unknown>) => MethodSpec;
}

const nvaOptions: Record<keyof NvaOptions, string> = {
  estimator:
    'stein (gradients), hessian, score (values only) or ranked (fitness-shaped); default: stein where there is a gradient, else score',
  sampling: 'own (default), or one batch shared by importance weights: mixture, flat, stratified',
  utilities: 'of ranked: cma (default) or xnes',
  covariance: 'full (default) or diagonal',
  schedule: 'adaptive (default), power, geometric or fixed',
  cooling: 'adaptive: how fast 1/temperature grows, in units of 1/spread',
  firstTemperature: 'default: the spread of the objective',
  finalTemperature: 'the run ends below it',
  temperatureFloor: 'adaptive: cools to this temperature and stays there',
  temperaturePower: 'exponent of the power law',
  coolingIterations: 'iterations of the geometric schedule',
  stepSize: 'relative, absolute or power',
  rate: 'size of a step: eta, rho or rho_1',
  ratePower: "exponent of the step sizes' power law",
  trust: 'bound on a step of each component; 0 for none',
  step: 'iblr (default) or direct',
  meanBy: 'new (default) or old covariance moves the mean',
  burn: 'iterations at the start with frozen covariances',
  weightRate: "step of the weights as a share of the components'; 0 leaves them fixed",
  weightFloor: 'smallest weight, as a share of 1/K',
  components: 'as --components',
  samples: 'as --samples',
};

const gmmviOptions: Record<keyof GmmviOptions, string> = {
  covariance: 'full (default) or diagonal',
  temperature: 'omega of E[l] + omega H(q); 1 (default) for posteriors',
  components: 'as --components: how many at the start',
  capacity: 'the most there may be (default 64)',
  samples: 'as --samples: of each component (letter M) or of the mixture (P)',
  reuse: 'samples of earlier iterations used again, as a multiple of samples per component',
  sampleBudget: 'the most samples an iteration; with many components each draws fewer',
  importance: 'weights divided by their sum (default) or plain',
  ownSamples: 'true: each component takes its own samples only',
  step: "size of a component's step, or bound on its KL divergence (T)",
  stepMin: 'by improvement (R): no smaller',
  stepMax: 'by improvement (R): no larger',
  stepPower: 'decaying (D): kappa of step / (1 + n^kappa)',
  weightStep: 'the same for the weights',
  weightStepMin: 'by improvement (N)',
  weightStepMax: 'by improvement (N)',
  weightStepPower: 'decaying (G)',
  addEvery: 'iterations between additions of a component (A)',
  removeAfter: 'iterations over which a component must have stagnated to be removed (A)',
  pastSamples: 'samples kept as places for new components (A): a power of two',
  ridge: 'of MORE (Z): first and least',
};

const gmbbviOptions: Record<keyof GmbbviOptions, string> = {
  covariance: 'full (default) or diagonal',
  rate: 'largest step dt, at most 1 (default 0.9)',
  schedule: 'how dt falls: stable-cosine (default), stable-linear, cosine, exponential or constant',
  iterations: 'over which it falls; default as --iterations',
  anneal: 'iterations at the start in which the temperature falls to 1, 0 for none; default 200',
  annealRate: 'largest step while annealing (default 0.5)',
  firstTemperature: 'that annealing starts at; default from the slopes of density and entropy',
  weightFloor: 'smallest weight (default 1e-8)',
  components: 'as --components (default 40)',
  samples: 'as --samples: d + 1 or more (default 2 d + 1)',
};

function gmmviMethod(code: string): CommandMethod {
  const make = (options: Record<string, unknown>) => gmmvi(code, options as GmmviOptions);
  return { title: '', options: gmmviOptions, search: make, sample: make };
}

export const methods: Readonly<Record<string, CommandMethod>> = {
  nva: {
    title: 'natural variational annealing: a Gaussian mixture climbs by natural gradients while its temperature falls',
    options: nvaOptions,
    search: (options) => nva(options as NvaOptions),
    sample: (options) => posteriorNva(options as NvaOptions),
  },
  gmbbvi: {
    title: 'for sample: natural-gradient variational inference from values only, by exponential steps of a Gaussian mixture',
    options: gmbbviOptions,
    search: (options) => gmbbvi(options as GmbbviOptions),
    sample: (options) => gmbbvi(options as GmbbviOptions),
  },
  SAMTRON: {
    ...gmmviMethod('SAMTRON'),
    title: `for sample (its default): natural-gradient variational inference with a Gaussian mixture. Any code of the family is a\n  method: estimator Z|S, number of components E|A, samples P|M, step I|Y|T, its size F|D|R, weights U|O, their step size X|G|N;\n  names: ${Object.entries(
      gmmviPresets,
    )
      .map(([name, code]) => `${name} = ${code}`)
      .join(', ')}`,
  },
};

/** @throws OptionError with the nearest names. */
export function findMethod(name: string): CommandMethod {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method) return method;
  // Seven letters are meant as a code, whose own error says which letter is wrong.
  if (isGmmviName(name) || /^[A-Z]{7}$/.test(name)) return gmmviMethod(name);
  throw unknownName('method', name, [...Object.keys(methods), ...Object.keys(gmmviPresets)]);
}

const sigmaOptions = {
  step: 'h of a step, above 0 and below 1 (default 0.5)',
  spread: 'distance of the sigma points, in standard deviations',
};
const ensembleOptions: Record<keyof EnsembleOptions, string> = {
  particles: 'of the ensemble (default: 10 a parameter, 100 beyond ten of them, and more than there are parameters)',
  step: 'a fixed time step; default: adaptive',
  iterations: 'as --iterations',
};

/** What `modescape methods` says of the methods of `invert`. */
export const inversionMethodTexts: Readonly<Record<string, { title: string; options: Readonly<Record<string, string>> }>> = {
  gmki: {
    title: 'for invert: Gaussian-mixture Kalman inversion; few model runs for separate modes',
    options: {
      ...sigmaOptions,
      exploration: 'how the mixture is flattened: whitened (default), sampled, hermite (one or two parameters), sigma or none',
      nodes: 'exploration nodes a component; of hermite, an axis',
      weightFloor: 'smallest weight (default 1e-15)',
      components: 'as --components (default 3)',
      iterations: 'as --iterations (default 30, or 50 beyond ten parameters)',
    } satisfies Record<keyof GmkiOptions, string>,
  },
  'df-gmvi': {
    title: 'for invert (its default): derivative-free Gaussian-mixture variational inference; curved posteriors too',
    options: {
      ...sigmaOptions,
      entropy: 'quadrature of the entropy terms: mean (default), unscented or cubature',
      weightFloor: 'smallest weight (default 1e-8)',
      components: 'as --components (default 10)',
      iterations: 'as --iterations (default 200)',
    } satisfies Record<keyof DfGmviOptions, string>,
  },
  uki: { title: 'for invert: unscented Kalman inversion; one Gaussian', options: { ...sigmaOptions, iterations: 'as --iterations' } },
  eki: { title: 'for invert: ensemble Kalman inversion; particles that move to one mode', options: ensembleOptions },
  eks: { title: 'for invert: the ensemble Kalman sampler; particles that sample one mode', options: ensembleOptions },
};
