/** What a run depends on, as plain data: what a link holds. A change starts the run anew. */
import type { SigmaMethod } from '../src/run/inversion-method.ts';
import type { Method } from '../src/run/method.ts';
import { catalogue, type Entry, findEntry, type Subject } from './catalogue.ts';
import { constantsOf, type Estimator, familyOf, fittingMethod, type MethodSettings, misfitOf, parameterNames, specOf } from './methods.ts';
import { parametersOf, rangeOf } from './parameters.ts';

export type Goal = 'modes' | 'posterior';

export interface Settings extends MethodSettings {
  problem: string;
  dimension: number;
  /** The visitor's text in place of the built-in one. */
  text: string | undefined;
  /** For an objective of one's own; undefined elsewhere. */
  sense: 'minimize' | 'maximize' | undefined;
  lower: number | undefined;
  upper: number | undefined;
  /** Of NVA on a density; the other methods fit a density anyway. */
  goal: Goal | undefined;
  components: number;
  /** Per component and iteration (of a GMMVI code with P, of the whole mixture); of no use to Kalman methods. */
  samples: number;
  seed: number;
}

/** Most samples an iteration: what the library takes. */
export const MOST_PARTICLES = 2 ** 22;

/** With which the page shows NVA: enough samples to be seen. */
const COMPONENTS = 16;
const SAMPLES = 64;

/** What the library's own default of the parameter would be, with the other settings as they are. */
export function defaultsOf(settings: Settings): Partial<Settings> {
  const bare = { ...settings, ...Object.fromEntries(parameterNames.map((name) => [name, undefined])) } as Settings;
  const constants = constantsOf(resolved(bare));
  if (familyOf(settings.method) !== 'nva') return constants;
  const weightRate = fitsPosterior(settings) ? 0.1 : 0;
  return { ...constants, components: COMPONENTS, samples: SAMPLES, weightRate };
}

/** The settings with which a problem is first shown. */
export function settingsFor(problem: string, changes: Partial<Settings> = {}): Settings {
  const entry = entryOf(problem);
  const method = changes.method ?? 'nva';
  const dimension = changes.dimension ?? entry.dimensions.default;
  const own = problem === 'own';
  const plain: Settings = {
    problem,
    dimension,
    text: changes.text,
    sense: own ? (changes.sense ?? 'minimize') : undefined,
    lower: own ? (changes.lower ?? -6) : undefined,
    upper: own ? (changes.upper ?? 6) : undefined,
    method,
    goal: undefined,
    estimator: undefined,
    components: COMPONENTS,
    samples: SAMPLES,
    seed: 1,
  };
  const chosen = fittingMethod(method, subjectOf(plain));
  const goal = changes.goal ?? (entry.group === 'Inverse problems' || entry.group === 'Posteriors' ? 'posterior' : 'modes');
  const base: Settings =
    familyOf(chosen) === 'nva' ? { ...plain, method: chosen, goal, estimator: changes.estimator ?? 'auto' } : { ...plain, method: chosen };
  return { ...base, ...defaultsOf(base), ...changes, method: chosen, goal: base.goal, estimator: base.estimator };
}

/** The settings after a change: what stood at its default follows to the new default, and another family of methods starts from its own. */
export function changed(settings: Settings, changes: Partial<Settings>): Settings {
  const next = fitting({ ...settings, ...changes });
  const { problem, dimension, text, sense, lower, upper, method, seed } = next;
  if (familyOf(next.method) !== familyOf(settings.method)) {
    return settingsFor(problem, { dimension, text, sense, lower, upper, method, seed });
  }
  const before = misfitOf(settings.method, subjectOf(settings)) ? {} : defaultsOf(settings);
  const after = defaultsOf(next);
  for (const name of parameterNames) {
    const follows = !(name in changes) && (settings[name] === before[name] || after[name] === undefined);
    if (follows || next[name] === undefined) (next as Partial<Settings>)[name] = after[name];
  }
  return next;
}

/** With a method and an estimator that the objective's text allows. */
export function fitting(settings: Settings): Settings {
  const subject = subjectOf(settings);
  const method = fittingMethod(settings.method, subject);
  const nva = familyOf(method) === 'nva';
  const { estimator = 'auto', goal = 'modes' } = settings;
  return {
    ...settings,
    method,
    estimator: nva ? (estimatorsOf(subject).includes(estimator) ? estimator : 'auto') : undefined,
    goal: nva ? goal : undefined,
  };
}

/** A density is fitted, in all of space; else its modes are searched for, in the box. */
export const fitsPosterior = (settings: Settings): boolean =>
  subjectOf(settings).density && (familyOf(settings.method) !== 'nva' || settings.goal === 'posterior');

/** The method with all its constants. @throws OptionError, RangeError */
export function resolved(settings: Settings): Method | SigmaMethod {
  const { hasGradient, hasHessian } = subjectOf(settings);
  const spec = specOf(settings, fitsPosterior(settings));
  const { dimension: dim } = settings;
  if ('inversion' in spec) return spec.resolve({ dim }) as SigmaMethod;
  return spec.resolve({ derivatives: hasHessian ? 'hessian' : hasGradient ? 'gradient' : 'value', dim });
}

export function entryOf(problem: string): Entry {
  const entry = findEntry(problem);
  if (!entry) throw new RangeError(`there is no problem "${problem}"; there are ${catalogue.map(({ name }) => name).join(', ')}`);
  return entry;
}

/** The subject with the visitor's own text, sense and box. */
export function subjectOf(settings: Settings): Subject & { edited: boolean } {
  const subject = entryOf(settings.problem).at(settings.dimension);
  const { text, sense, lower, upper } = settings;
  const edited = text !== undefined && text !== subject.text;
  const own = settings.problem === 'own';
  const body = edited ? text : subject.text;
  return {
    ...subject,
    text: body,
    edited,
    sense: (own && sense) || subject.sense,
    density: own ? (sense ?? subject.sense) === 'maximize' : subject.density,
    box: own && lower !== undefined && upper !== undefined && lower < upper ? subject.box.map(() => [lower, upper] as const) : subject.box,
    hasGradient: edited ? defines(body, 'value_and_gradient') : subject.hasGradient,
    hasHessian: edited ? defines(body, 'value_and_gradient') && defines(body, 'hessian') : subject.hasHessian,
  };
}

/** Why the settings cannot be used, for people; undefined where they can. */
export function complaintOf(settings: Settings): string | undefined {
  const { lower, upper, components, samples, method } = settings;
  if (lower !== undefined && upper !== undefined && !(lower < upper))
    return `The box must have its lower end below its upper one, not from ${lower} to ${upper}.`;
  for (const [end, value] of Object.entries({ lower, upper })) {
    const { min, max } = rangeOf.lower;
    if (value !== undefined && !(value >= min && value <= max)) return `The box's ${end} end must be a number from ${min} to ${max}.`;
  }
  try {
    entryOf(settings.problem).at(settings.dimension);
    const misfit = misfitOf(method, subjectOf(settings));
    if (misfit) return `${misfit}.`;
    if (familyOf(method) !== 'kalman' && Math.max(components, settings.capacity ?? 0) * samples > MOST_PARTICLES)
      return `${Math.max(components, settings.capacity ?? 0)} components with ${samples} samples each are more than ${MOST_PARTICLES} particles.`;
    for (const { name, label, min, max } of parametersOf(method)) {
      const value = settings[name];
      if (value !== undefined && !(value >= min && value <= max)) return `${label} must be a number from ${min} to ${max}, not ${value}.`;
    }
    resolved(settings);
  } catch (error) {
    return `${(error as Error).message.replace(/\.$/, '')}.`;
  }
  return undefined;
}

/** The estimators that the objective's derivatives allow. */
export const estimatorsOf = ({ hasGradient, hasHessian }: Pick<Subject, 'hasGradient' | 'hasHessian'>): Estimator[] => [
  'auto',
  ...(hasGradient ? (['stein'] as const) : []),
  ...(hasGradient && hasHessian ? (['hessian'] as const) : []),
  'score',
  'ranked',
];

const defines = (text: string, name: string): boolean => new RegExp(`\\bfn\\s+${name}\\s*\\(`).test(text.replace(/\/\/[^\n]*/g, ''));
