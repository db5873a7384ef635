/** The methods by name, with what `modescape methods` says of their options. */
import { type MethodSpec, type NvaOptions, nva, posteriorNva } from '../index.ts';
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

export const methods: Readonly<Record<string, CommandMethod>> = {
  nva: {
    title: 'natural variational annealing: a Gaussian mixture climbs by natural gradients while its temperature falls',
    options: nvaOptions,
    search: (options) => nva(options as NvaOptions),
    sample: (options) => posteriorNva(options as NvaOptions),
  },
};

/** @throws OptionError with the nearest names. */
export function findMethod(name: string): CommandMethod {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (!method) throw unknownName('method', name, Object.keys(methods));
  return method;
}
