/** What the page can be set to. Plain data: no drawing, no GPU. */
import { problems } from '../src/problems/index.ts';
import type { Problem } from '../src/problems/problem.ts';

export type Estimator = 'stein' | 'hessian' | 'score' | 'ranked';

/** What a run depends on: a change starts it anew. */
export interface Settings {
  problem: string;
  components: number;
  /** Per component and iteration. */
  samples: number;
  /** 1/omega grows by `cooling / sd(objective)` an iteration. */
  cooling: number;
  /** `auto` leaves it to the library. */
  estimator: Estimator | 'auto';
  seed: number;
}

/** What only the picture depends on. */
export interface View {
  iterationsPerFrame: number;
  samples: boolean;
  trails: boolean;
}

export const defaultSettings: Settings = {
  problem: 'himmelblau',
  components: 16,
  samples: 32,
  cooling: 0.05,
  estimator: 'auto',
  seed: 1,
};

export const defaultView: View = { iterationsPerFrame: 1, samples: true, trails: true };

/** The built-in problems that exist in the plane, at two dimensions. */
export const planarProblems: readonly Problem[] = problems
  .filter(({ dimensions }) => dimensions.min <= 2 && dimensions.max >= 2)
  .map((family) => family.at(2));

export function planarProblem(name: string): Problem {
  const problem = planarProblems.find((candidate) => candidate.name === name);
  if (!problem) throw new RangeError(`no problem in the plane is called ${name}`);
  return problem;
}

/** The estimators that a problem's derivatives allow. */
export function estimatorsOf(problem: Problem): Estimator[] {
  return [
    ...(problem.hasGradient ? (['stein'] as const) : []),
    ...(problem.hasGradient && problem.hasHessian ? (['hessian'] as const) : []),
    'score',
    'ranked',
  ];
}
