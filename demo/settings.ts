/** What a run depends on, as plain data: what a link holds. A change starts the run anew. */
import { catalogue, type Entry, findEntry, type Subject } from './catalogue.ts';

export type Goal = 'modes' | 'posterior';
export type Estimator = 'auto' | 'stein' | 'hessian' | 'score' | 'ranked';

export interface Settings {
  problem: string;
  dimension: number;
  /** The visitor's text in place of the built-in one. */
  text: string | undefined;
  /** For an objective of one's own; undefined elsewhere. */
  sense: 'minimize' | 'maximize' | undefined;
  lower: number | undefined;
  upper: number | undefined;
  goal: Goal;
  estimator: Estimator;
  components: number;
  /** Per component and iteration. */
  samples: number;
  /** 1/omega grows by `cooling / sd(objective)` an iteration. */
  cooling: number;
  /** Relative step size eta; undefined leaves it to the estimator. */
  rate: number | undefined;
  /** Step of the weights as a share of the components'. */
  weightRate: number;
  seed: number;
}

/** Ranges of the numbers, for controls and links alike. */
export const ranges = {
  components: { min: 1, max: 256, whole: true },
  samples: { min: 2, max: 65536, whole: true },
  cooling: { min: 0.005, max: 0.5, whole: false },
  rate: { min: 0.01, max: 1, whole: false },
  weightRate: { min: 0, max: 0.5, whole: false },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
  lower: { min: -1e6, max: 1e6, whole: false },
  upper: { min: -1e6, max: 1e6, whole: false },
} as const;

/** Most samples an iteration: what the library takes. */
export const MOST_PARTICLES = 2 ** 22;

const defaults = {
  text: undefined,
  sense: undefined,
  lower: undefined,
  upper: undefined,
  estimator: 'auto',
  components: 16,
  samples: 64,
  cooling: 0.05,
  rate: undefined,
  weightRate: 0,
  seed: 1,
} as const;

/** The settings with which a problem is first shown. */
export function settingsFor(problem: string, changes: Partial<Settings> = {}): Settings {
  const entry = entryOf(problem);
  const dimension = changes.dimension ?? entry.dimensions.default;
  const goal = changes.goal ?? (entry.group === 'Inverse problems' || entry.group === 'Posteriors' ? 'posterior' : 'modes');
  return {
    ...defaults,
    problem,
    dimension,
    goal,
    weightRate: goal === 'posterior' ? 0.1 : 0,
    ...(problem === 'own' ? { sense: 'minimize' as const, lower: -6, upper: 6 } : {}),
    ...changes,
  };
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
  const { lower, upper, components, samples } = settings;
  if (lower !== undefined && upper !== undefined && !(lower < upper))
    return `The box must have its lower end below its upper one, not from ${lower} to ${upper}.`;
  for (const [end, value] of Object.entries({ lower, upper })) {
    const { min, max } = ranges.lower;
    if (value !== undefined && !(value >= min && value <= max)) return `The box's ${end} end must be a number from ${min} to ${max}.`;
  }
  if (components * samples > MOST_PARTICLES)
    return `${components} components with ${samples} samples each are more than ${MOST_PARTICLES} particles.`;
  try {
    entryOf(settings.problem).at(settings.dimension);
  } catch (error) {
    return `${(error as Error).message}.`;
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
