/**
 * What the first ten problems of the CEC2013 niching suite share. All are maximised, and given without a gradient: the suite
 * is a test of black-box search.
 */
import { fixedFamily } from './family.ts';
import type { KnownAnswers, Problem, ProblemFamily } from './problem.ts';

const source =
  'X. Li, A. Engelbrecht and M. G. Epitropakis, Benchmark Functions for CEC 2013 Special Session on Niching Methods (github.com/mikeagn/CEC2013), F';

interface Definition extends Pick<Problem, 'box' | 'wgsl' | 'value'> {
  readonly number: number;
  readonly title: string;
  /** Coordinates of all global optima, and the value of `value` there. */
  readonly modes: KnownAnswers['modes'];
  readonly best: number;
  /** Lesser optima exist beside the global ones. */
  readonly onlyGlobal: boolean;
  /** The suite's niche radius, evaluation limit, and optimum where it differs from `best`. */
  readonly radius: number;
  readonly maxEvaluations: number;
  readonly optimum?: number;
}

export function cec2013Family(definition: Definition): ProblemFamily {
  const { number, title, box, wgsl, value, modes, best, onlyGlobal, radius, maxEvaluations, optimum = best } = definition;
  return fixedFamily({
    name: `cec2013-f${number}`,
    title: `CEC2013 F${number}: ${title}`,
    source: `${source}${number}`,
    sense: 'maximize',
    dimension: box.length,
    box,
    wgsl,
    hasGradient: false,
    hasHessian: false,
    value,
    known: {
      modes,
      values: modes.map(() => best),
      onlyGlobal,
      niching: { radius, count: modes.length, optimum, maxEvaluations },
    },
  });
}

/** The cube `[lower, upper]^dimension`. */
export function cube(lower: number, upper: number, dimension: number): Problem['box'] {
  return Array.from({ length: dimension }, () => [lower, upper] as const);
}
