/**
 * The multi-start baseline: L-BFGS from uniform points of the box, until every known mode has been reached. It is told the modes and
 * stops the moment it has them, which no real search can.
 */
import { RandomStream } from '../src/mixture/random.ts';
import type { Problem } from '../src/problems/problem.ts';
import { minimizeInBox } from './lbfgs.ts';
import { nearestMode } from './nearest-mode.ts';

export interface BaselineRun {
  /** Known modes reached, and points where a local run ended that are none. */
  found: number;
  strays: number;
  starts: number;
  /** Value and gradient together, counted once. */
  evaluations: number;
  seconds: number;
}

/** A stream of its own: the library's purposes end well below. */
const BASELINE_PURPOSE = 1000;

export function multiStart(problem: Problem, seed: number, maxEvaluations: number): BaselineRun {
  const { box, known, dimension, sense } = problem;
  if (!problem.gradient || !known) throw new Error(`${problem.name}: the baseline needs a gradient and known modes`);
  const sign = sense === 'minimize' ? 1 : -1;
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    problem.gradient!(x, gradient);
    if (sign < 0) for (let i = 0; i < dimension; i++) gradient[i]! *= sign;
    return sign * problem.value(x);
  };
  const lower = box.map(([low]) => low);
  const upper = box.map(([, high]) => high);
  const random = new RandomStream(seed, BASELINE_PURPOSE);
  const reached = new Set<number>();
  const run: BaselineRun = { found: 0, strays: 0, starts: 0, evaluations: 0, seconds: 0 };
  const begun = performance.now();
  while (reached.size < known.modes.length && run.evaluations < maxEvaluations) {
    const start = Float64Array.from(box, ([low, high]) => low + random.uniform() * (high - low));
    const end = minimizeInBox(objective, start, lower, upper);
    const mode = nearestMode(end.x, known.modes);
    if (mode === undefined) run.strays++;
    else reached.add(mode);
    run.starts++;
    run.evaluations += end.evaluations;
  }
  return { ...run, found: reached.size, seconds: (performance.now() - begun) / 1000 };
}
