/** What the page offers to run: built-in objectives, inverse problems as log posteriors, and a blank sheet. No DOM, no GPU. */
import { problems } from '../src/problems/index.ts';
import type { InversionProblem } from '../src/problems/inversion.ts';
import { planeInversions } from '../src/problems/inversion-plane.ts';
import { smallInversions } from '../src/problems/inversion-small.ts';
import type { Box, Problem } from '../src/problems/problem.ts';
import { logPosteriorText } from './log-posterior.ts';

export type Group = 'Optimisation' | 'Posteriors' | 'Inverse problems' | 'Your own';

/** One entry of the catalogue at a dimension. */
export interface Subject {
  readonly title: string;
  readonly sense: 'minimize' | 'maximize';
  /** The objective is the logarithm of a density, so that a posterior can be fitted. */
  readonly density: boolean;
  readonly box: Box;
  /** What the editor shows and the visitor may change. */
  readonly text: string;
  /** The whole WGSL with `text` in its first lines, so that lines agree. */
  readonly wgsl: (text: string) => string;
  readonly hasGradient: boolean;
  readonly hasHessian: boolean;
  readonly data?: Readonly<Record<string, Float32Array>>;
  /** Float64 twin of the unchanged text. */
  readonly exact?: Pick<Problem, 'value' | 'gradient'>;
  /** What the objective is the log posterior of: the text is its forward model. */
  readonly inversion?: InversionProblem;
}

export interface Entry {
  readonly name: string;
  readonly title: string;
  readonly group: Group;
  readonly dimensions: { readonly default: number; readonly min: number; readonly max: number };
  readonly at: (dimension: number) => Subject;
}

/** Of problems in any dimension, the page offers this many: a view of more axes shows nothing. */
const MOST_DIMENSIONS = 64;

/** Views take two axes at least. */
const LEAST_DIMENSIONS = 2;

/** Maximised, but no densities. */
const landscapes = new Set(['triangle', 'four-modes']);
const isLandscape = (name: string): boolean => landscapes.has(name) || name.startsWith('cec2013');

const objectives: Entry[] = problems
  .filter(({ dimensions }) => dimensions.max >= LEAST_DIMENSIONS)
  .map(({ name, title, sense, dimensions, at }) => {
    const density = sense === 'maximize' && !isLandscape(name);
    return {
      name,
      title,
      group: density ? ('Posteriors' as const) : ('Optimisation' as const),
      dimensions: {
        default: dimensions.default,
        min: Math.max(dimensions.min, LEAST_DIMENSIONS),
        max: Math.max(dimensions.default, Math.min(dimensions.max, MOST_DIMENSIONS)),
      },
      at: remembered((dimension) => subjectOf(at(dimension), density)),
    };
  });

/** The last subject is kept: it is asked for in every frame, and some are made of data. */
function remembered(make: (dimension: number) => Subject): (dimension: number) => Subject {
  let last: { dimension: number; subject: Subject } | undefined;
  return (dimension) => {
    if (last?.dimension !== dimension) last = { dimension, subject: make(dimension) };
    return last.subject;
  };
}

function subjectOf(problem: Problem, density: boolean): Subject {
  const { title, sense, box, wgsl, hasGradient, hasHessian, data, value, gradient } = problem;
  return {
    title,
    sense,
    density,
    box,
    text: wgsl.trim(),
    wgsl: (text) => text,
    hasGradient,
    hasHessian,
    ...(data ? { data } : {}),
    exact: { value, ...(gradient ? { gradient } : {}) },
  };
}

type Windowed = InversionProblem & { readonly window: readonly (readonly [number, number])[] };

function inversionEntry(problem: Windowed): Entry {
  const { name, title, dimension } = problem;
  const subject: Subject = {
    title,
    sense: 'maximize',
    density: true,
    // Added parameters are sums of the first two.
    box: Array.from({ length: dimension }, (_, i) => problem.window[i] ?? ([-8, 8] as const)),
    text: problem.wgsl!.trim(),
    wgsl: (text) => logPosteriorText(text, problem),
    hasGradient: false,
    hasHessian: false,
    inversion: problem,
  };
  return {
    name,
    title,
    group: 'Inverse problems',
    dimensions: { default: dimension, min: dimension, max: dimension },
    at: () => subject,
  };
}

const ownText = `// Any function of x, an array of DIM numbers.
fn objective(x: Point) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    sum += x[i] * x[i] - 8.0 * cos(1.5 * x[i]);
  }
  return sum;
}`;

const own: Entry = {
  name: 'own',
  title: 'Your own objective',
  group: 'Your own',
  dimensions: { default: 2, min: LEAST_DIMENSIONS, max: MOST_DIMENSIONS },
  at: (dimension) => ({
    title: 'Write a WGSL function; give it a sense and a box.',
    sense: 'minimize',
    density: false,
    box: Array.from({ length: dimension }, () => [-6, 6] as const),
    text: ownText,
    wgsl: (text) => text,
    hasGradient: false,
    hasHessian: false,
  }),
};

export const catalogue: readonly Entry[] = [
  ...objectives,
  ...smallInversions.filter(({ dimension }) => dimension >= LEAST_DIMENSIONS).map(inversionEntry),
  ...planeInversions.map(({ at }) => inversionEntry(at(2))),
  ...planeInversions.map(({ at }) => inversionEntry(at(10))),
  own,
];

export const findEntry = (name: string): Entry | undefined => catalogue.find((entry) => entry.name === name);
