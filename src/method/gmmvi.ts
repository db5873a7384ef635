/**
 * The GMMVI family (Arenz, Dahlinger, Ye, Volpp, Neumann: "A unified perspective on natural gradient variational inference with
 * Gaussian mixture models", arXiv 2209.11533): seven modules, one letter each, 432 combinations. A code such as SAMTRON names one of
 * them; VIPS is ZAMTRUX, iBayes-GMM is SEPIFUX (Lin 2019) or, with the iBLR step, SEPYFUX (Lin 2020).
 */
import { OptionError } from '../gpu/errors.ts';
import type { SizeRule } from '../kernels/control.ts';
import { features } from '../kernels/estimator.ts';
import { type Covariance, partSize } from '../kernels/state.ts';
import type { Method, MethodSpec } from '../run/method.ts';
import { checkNames, choiceOption, numberOption } from '../run/options.ts';
import type { AdaptiveSize } from '../step/step.ts';

/** What each position of a code decides, and its letters. */
export const gmmviModules = [
  { module: 'estimator', letters: { Z: 'MORE (values only)', S: 'Stein (gradients)' } },
  { module: 'number of components', letters: { E: 'fixed', A: 'adaptive' } },
  { module: 'samples', letters: { P: 'from the mixture', M: 'from each component' } },
  { module: 'component step', letters: { I: 'direct', Y: 'iBLR', T: 'KL trust region' } },
  { module: 'component step size', letters: { F: 'fixed', D: 'decaying', R: 'by improvement' } },
  { module: 'weight step', letters: { U: 'direct', O: 'KL trust region' } },
  { module: 'weight step size', letters: { X: 'fixed', G: 'decaying', N: 'by improvement' } },
] as const;

/** Names that stand for codes: VIPS (Arenz, Zhong, Neumann 2018, 2020), iBayes-GMM (Lin, Khan, Schmidt 2019) and its iBLR form (2020). */
export const gmmviPresets: Readonly<Record<string, string>> = {
  VIPS: 'ZAMTRUX',
  'iBayes-GMM': 'SEPIFUX',
  'iBayes-GMM-iBLR': 'SEPYFUX',
};

/** Options of {@link gmmvi}. An option that the code's modules would never look at is refused. */
export interface GmmviOptions {
  /** `full` (default) or `diagonal`. */
  covariance?: Covariance;
  /** Temperature omega of J = E_q[l] + omega H(q), above 0. Default 1: variational inference. */
  temperature?: number;
  /** Components at the start: a whole number from 1 to 1024. Default 10. */
  components?: number;
  /** Most components there may be, where their number is adaptive (letter A). Default 64, fewer where they would take too much memory. */
  capacity?: number;
  /** Samples an iteration: of each component (letter M), or of the whole mixture (letter P). Default: 100 and more, by the dimension. */
  samples?: number;
  /** Samples of earlier iterations used again, as a multiple of `samples` per component: 0 (default) to 100. */
  reuse?: number;
  /** Most samples drawn in an iteration; with many components each then draws fewer. */
  sampleBudget?: number;
  /** Importance weights divided by their `sum` (default, self-normalised) or `plain`. */
  importance?: 'sum' | 'plain';
  /** Each component takes only the samples it drew itself. Default false. */
  ownSamples?: boolean;
  /** Component step size, or of a trust region (letter T) the bound on the KL divergence of a step: at first, above 0. */
  step?: number;
  /** Of step sizes by improvement (letter R): no smaller than this. */
  stepMin?: number;
  /** Likewise: no larger than this. */
  stepMax?: number;
  /** kappa of the decaying step size step / (1 + n^kappa) (letter D), 0 to 10. Default 0.55. */
  stepPower?: number;
  /**
   * Step size of the weights, or of a trust region (letter O) the bound on the KL divergence: at first. 0 leaves the weights as they are.
   */
  weightStep?: number;
  /** Of weight step sizes by improvement (letter N): no smaller than this. */
  weightStepMin?: number;
  /** Likewise: no larger than this. */
  weightStepMax?: number;
  /** kappa of the decaying weight step size (letter G), 0 to 10. Default 0.55. */
  weightStepPower?: number;
  /** Iterations between additions of a component (letter A). Default 30. */
  addEvery?: number;
  /** Iterations over which a component must have stagnated, without any weight, to be removed (letter A): 3 and more. Default 100. */
  removeAfter?: number;
  /** Past samples kept as places for new components (letter A): a power of two from 16. Default 131,072, fewer in many dimensions. */
  pastSamples?: number;
  /** Ridge of MORE (letter Z): first and least. Default 1e-4. */
  ridge?: number;
}

const names: readonly (keyof GmmviOptions)[] = [
  'covariance',
  'temperature',
  'components',
  'capacity',
  'samples',
  'reuse',
  'sampleBudget',
  'importance',
  'ownSamples',
  'step',
  'stepMin',
  'stepMax',
  'stepPower',
  'weightStep',
  'weightStepMin',
  'weightStepMax',
  'weightStepPower',
  'addEvery',
  'removeAfter',
  'pastSamples',
  'ridge',
];

type Size = Omit<AdaptiveSize, 'rule'>;

/** Sizes where none are given: of the reference's published settings, the commonest (gmmvi.md 4.2). */
const defaultSizes: Record<'region' | 'step' | 'weightRegion' | 'weightStep', Record<SizeRule, Size>> = {
  region: {
    fixed: { first: 0.1, least: 0, most: 0, power: 0 },
    decaying: { first: 1, least: 0, most: 0, power: 0.55 },
    improvement: { first: 0.1, least: 1e-3, most: 1, power: 0 },
  },
  step: {
    fixed: { first: 0.01, least: 0, most: 0, power: 0 },
    decaying: { first: 0.1, least: 0, most: 0, power: 0.55 },
    improvement: { first: 5e-4, least: 5e-4, most: 0.1, power: 0 },
  },
  weightRegion: {
    fixed: { first: 0.1, least: 0, most: 0, power: 0 },
    decaying: { first: 1, least: 0, most: 0, power: 0.55 },
    improvement: { first: 0.1, least: 1e-5, most: 4, power: 0 },
  },
  weightStep: {
    fixed: { first: 1, least: 0, most: 0, power: 0 },
    decaying: { first: 1, least: 0, most: 0, power: 0.55 },
    improvement: { first: 0.1, least: 1e-4, most: 1, power: 0 },
  },
};

/** Of the reference 1e-12, which is nothing in float32: this one is the least that a fit of too few rows notices. */
const RIDGE = 1e-4;

/** Components at the start by default. */
const START = 10;

/** Most components by default. */
const CAPACITY = 64;

/** Past samples kept by default, where they take no more numbers than this: the reference looks among 100,000. */
const PAST_SAMPLES = 2 ** 17;
const PAST_NUMBERS = 2 ** 24;

/** Numbers that partial sums of all components may take before fewer components are allowed for by default. */
const PART_NUMBERS = 2 ** 24;

/** All 432 codes, such as SAMTRON. What the letters mean: {@link gmmvi}. */
export const gmmviCodes: readonly string[] = gmmviModules.reduce<string[]>(
  (codes, { letters }) => codes.flatMap((code) => Object.keys(letters).map((letter) => code + letter)),
  [''],
);

interface Modules {
  estimator: 'quadratic' | 'stein';
  adaptive: boolean;
  sampling: 'mixture' | 'component';
  step: 'direct' | 'iblr' | 'trust';
  stepRule: SizeRule;
  weights: 'direct' | 'trust';
  weightRule: SizeRule;
}

/** A code or a preset's name -> its modules. @throws OptionError naming the position at fault and what may stand there. */
function readCode(code: string): { code: string; modules: Modules } {
  const preset = Object.entries(gmmviPresets).find(([name]) => name.toLowerCase() === code.toLowerCase());
  const letters = (preset?.[1] ?? code).toUpperCase();
  if (letters.length !== gmmviModules.length || !/^[A-Z]+$/.test(letters)) {
    const known = ['SAMTRON', ...Object.keys(gmmviPresets)];
    throw new OptionError(
      `"${code}" is no GMMVI code: it takes ${gmmviModules.length} letters, such as SAMTRON, or one of the names ${known.slice(1).join(', ')}`,
    );
  }
  gmmviModules.forEach(({ module, letters: allowed }, i) => {
    const letter = letters[i]!;
    if (letter in allowed) return;
    const list = Object.entries(allowed).map(([name, what]) => `${name} (${what})`);
    throw new OptionError(
      `GMMVI code "${code}": letter ${i + 1} is ${letter}, but the ${module} is one of ${list.slice(0, -1).join(', ')} or ${list.at(-1)}`,
    );
  });
  const [estimator, number, samples, step, stepSize, weights, weightSize] = letters;
  const improving = 'improvement' as const;
  return {
    code: letters,
    modules: {
      estimator: estimator === 'Z' ? 'quadratic' : 'stein',
      adaptive: number === 'A',
      sampling: samples === 'P' ? 'mixture' : 'component',
      step: ({ I: 'direct', Y: 'iblr', T: 'trust' } as const)[step as 'I' | 'Y' | 'T'],
      stepRule: ({ F: 'fixed', D: 'decaying', R: improving } as const)[stepSize as 'F' | 'D' | 'R'],
      weights: weights === 'O' ? 'trust' : 'direct',
      weightRule: ({ X: 'fixed', G: 'decaying', N: improving } as const)[weightSize as 'X' | 'G' | 'N'],
    },
  };
}

/** Whether a name is one that {@link gmmvi} takes. */
export const isGmmviName = (name: string): boolean =>
  Object.keys(gmmviPresets).some((preset) => preset.toLowerCase() === name.toLowerCase()) || gmmviCodes.includes(name.toUpperCase());

/**
 * A method of the GMMVI family by its code or name; give the result as `method` of `sample`. It maximises E_q[l] + omega H(q) over the
 * means, covariances and weights of a Gaussian mixture q by natural gradients. Each letter of a code names one module:
 *
 * 1. estimator: `S` Stein (needs gradients), `Z` MORE (values only: a weighted quadratic fit)
 * 2. number of components: `A` adaptive, `E` fixed
 * 3. samples: `M` of each component, `P` of the mixture
 * 4. component step: `T` KL trust region, `Y` iBLR, `I` direct
 * 5. its size: `R` by improvement, `D` decaying, `F` fixed
 * 6. weight step: `O` KL trust region, `U` direct
 * 7. its size: `N` by improvement, `G` decaying, `X` fixed
 *
 * Source: Arenz, Dahlinger, Ye, Volpp, Neumann, arXiv 2209.11533.
 *
 * @example
 * await sample({ wgsl, box, method: gmmvi('VIPS', { components: 5, capacity: 50 }) });
 *
 * @throws OptionError for an unknown letter, saying at which position and what is allowed there; for options out of range or without
 * effect
 */
export function gmmvi(code = 'SAMTRON', options: GmmviOptions = {}): MethodSpec {
  const read = readCode(code);
  checkNames('GMMVI option', options, names);
  return { name: read.code, resolve: (objective) => resolve(read.code, read.modules, options, objective) };
}

function resolve(
  code: string,
  modules: Modules,
  options: GmmviOptions,
  objective: { derivatives: 'value' | 'gradient' | 'hessian'; dim: number },
): Method {
  const { estimator, adaptive, sampling } = modules;
  if (estimator === 'stein' && objective.derivatives === 'value') {
    throw new OptionError(
      `${code} uses Stein's estimator, which needs an objective with value_and_gradient; this one gives its value only. Z${code.slice(1)} (MORE) takes values only`,
    );
  }
  refuseIdle(code, modules, options);
  const positive = { min: 0, max: Number.POSITIVE_INFINITY, above: true };
  const whole = { min: 1, max: 2 ** 22, whole: true };
  const covariance = choiceOption('covariance', options.covariance, 'full', ['full', 'diagonal']);
  const components = numberOption('components', options.components, undefined, { min: 1, max: 1024, whole: true });
  const temperature = numberOption('temperature', options.temperature, 1, positive);
  const { ownSamples = false } = options;
  if (typeof ownSamples !== 'boolean') throw new OptionError(`ownSamples is ${String(ownSamples)}; it must be true or false`);
  const reuse = numberOption('reuse', options.reuse, 0, { min: 0, max: 100 });
  if (ownSamples && reuse > 0)
    throw new OptionError("reuse does not combine with ownSamples: earlier samples are no longer a component's own");
  const samples = numberOption('samples', options.samples, defaultSamples(modules, objective.dim, covariance, components ?? START), whole);
  const room = Math.floor(Math.sqrt((256 * PART_NUMBERS) / (samples * partSize(objective.dim, covariance))));
  const most = Math.max(Math.min(CAPACITY, room), components ?? START);
  const capacity = numberOption('capacity', options.capacity, most, { min: 1, max: 1024, whole: true });
  if (adaptive && components !== undefined && components > capacity) {
    throw new OptionError(`components is ${components}, more than the capacity of ${capacity}; raise capacity`);
  }
  const sampleBudget = numberOption('sampleBudget', options.sampleBudget, undefined, whole);
  const past = Math.min(PAST_SAMPLES, 2 ** Math.floor(Math.log2(PAST_NUMBERS / (objective.dim + 1))));
  const pastRows = numberOption('pastSamples', options.pastSamples, past, { min: 16, max: 2 ** 24, whole: true });
  if (adaptive && 2 ** Math.round(Math.log2(pastRows)) !== pastRows) {
    throw new OptionError(`pastSamples is ${pastRows}; it must be a power of two, such as ${2 ** Math.round(Math.log2(pastRows))}`);
  }
  const sizes = defaultSizes;
  const stepDefaults = (modules.step === 'trust' ? sizes.region : sizes.step)[modules.stepRule];
  const weightDefaults = (modules.weights === 'trust' ? sizes.weightRegion : sizes.weightStep)[modules.weightRule];
  const stepSize = {
    rule: modules.stepRule,
    first: numberOption('step', options.step, stepDefaults.first, positive),
    ...range('step', options.stepMin ?? stepDefaults.least, options.stepMax ?? stepDefaults.most),
    power: numberOption('stepPower', options.stepPower, stepDefaults.power, { min: 0, max: 10 }),
  };
  const weightSize = {
    rule: modules.weightRule,
    // 0 leaves the weights as they are, as some of the published settings do.
    first: numberOption('weightStep', options.weightStep, weightDefaults.first, { min: 0, max: Number.POSITIVE_INFINITY }),
    ...range('weightStep', options.weightStepMin ?? weightDefaults.least, options.weightStepMax ?? weightDefaults.most),
    power: numberOption('weightStepPower', options.weightStepPower, weightDefaults.power, { min: 0, max: 10 }),
  };
  return {
    name: code,
    options: { ...options },
    covariance,
    sampling,
    batch: {
      selfNormalised: choiceOption('importance', options.importance, 'sum', ['sum', 'plain']) === 'sum',
      ownRows: ownSamples,
      reuse,
      budget: sampleBudget,
    },
    estimator,
    utilities: 'cma',
    ridge: numberOption('ridge', options.ridge, RIDGE, positive),
    step: {
      rule: modules.step,
      // iBLR moves the mean by the covariance it had (Lin 2020), and at a component's first step not at all.
      meanBy: modules.step === 'iblr' ? 'old' : 'new',
      meanFirst: modules.step === 'iblr' ? 'second' : 'at-once',
      size: { kind: 'own', ...stepSize },
      trust: 0,
      burn: 0,
    },
    weights: {
      kind: 'reward',
      rule: modules.weights,
      size: weightSize,
    },
    temperature: { kind: 'fixed', first: temperature },
    adapt: adaptive
      ? {
          capacity,
          addEvery: numberOption('addEvery', options.addEvery, 30, whole),
          removeAfter: numberOption('removeAfter', options.removeAfter, 100, { min: 3, max: 1e5, whole: true }),
          pastRows,
        }
      : undefined,
    components: components ?? START,
    samples,
  };
}

/** The range that a size is kept in. @throws OptionError */
function range(name: string, least: number, most: number): { least: number; most: number } {
  const bounds = { min: 0, max: Number.POSITIVE_INFINITY };
  numberOption(`${name}Min`, least, 0, bounds);
  numberOption(`${name}Max`, most, 0, bounds);
  if (least > most) throw new OptionError(`${name}Min is ${least}, above ${name}Max, which is ${most}`);
  return { least, most };
}

/** Options that the code's modules would never look at. @throws OptionError */
function refuseIdle(code: string, modules: Modules, options: GmmviOptions): void {
  const { adaptive, stepRule, weightRule, estimator } = modules;
  const needs: [keyof GmmviOptions, boolean, string][] = [
    ['capacity', adaptive, 'an adaptive number of components (second letter A)'],
    ['addEvery', adaptive, 'an adaptive number of components (second letter A)'],
    ['removeAfter', adaptive, 'an adaptive number of components (second letter A)'],
    ['pastSamples', adaptive, 'an adaptive number of components (second letter A)'],
    ['stepMin', stepRule === 'improvement', 'step sizes by improvement (fifth letter R)'],
    ['stepMax', stepRule === 'improvement', 'step sizes by improvement (fifth letter R)'],
    ['stepPower', stepRule === 'decaying', 'decaying step sizes (fifth letter D)'],
    ['weightStepMin', weightRule === 'improvement', 'weight step sizes by improvement (seventh letter N)'],
    ['weightStepMax', weightRule === 'improvement', 'weight step sizes by improvement (seventh letter N)'],
    ['weightStepPower', weightRule === 'decaying', 'decaying weight step sizes (seventh letter G)'],
    ['ridge', estimator === 'quadratic', 'MORE (first letter Z)'],
  ];
  for (const [name, used, wanted] of needs) {
    if (options[name] !== undefined && !used) throw new OptionError(`${name} has no effect in ${code}: it belongs to ${wanted}`);
  }
}

/** Enough samples for a component to see its own shape, and for MORE's fit to be determined. */
function defaultSamples(modules: Modules, dim: number, covariance: Covariance, components: number): number {
  const own = modules.estimator === 'quadratic' ? Math.max(100, 2 * features(dim, covariance)) : Math.max(100, Math.min(8 * dim, 400));
  return modules.sampling === 'component' ? own : Math.max(200, Math.ceil(0.4 * own * components));
}
