/** The CEC2013 niching suite's official scoring of a set of solutions (Li, Engelbrecht and Epitropakis 2013, section 4). */

export interface ScoredProblem {
  /** The suite's float64 objective, maximised. */
  value(x: Float64Array): number;
  /** Niche radius, number of global optima and their value. */
  radius: number;
  count: number;
  optimum: number;
}

/** The suite's five accuracy levels. */
export const accuracies = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5] as const;

/**
 * How many global optima a set of solutions holds: solutions best first, each kept as a seed unless it lies within the radius of a
 * better seed; seeds within `accuracy` of the optimum's value count, up to the number of optima. Values are computed here.
 */
export function countOptima(solutions: readonly (readonly number[])[], problem: ScoredProblem, accuracy: number): number {
  const sorted = solutions.map((x) => ({ x, value: problem.value(Float64Array.from(x)) })).sort((a, b) => b.value - a.value);
  const seeds: typeof sorted = [];
  for (const solution of sorted) {
    if (seeds.every(({ x }) => distance(x, solution.x) > problem.radius)) seeds.push(solution);
  }
  const found = seeds.filter(({ value }) => Math.abs(value - problem.optimum) <= accuracy).length;
  return Math.min(found, problem.count);
}

/** Share of the global optima found. */
export function peakRatio(solutions: readonly (readonly number[])[], problem: ScoredProblem, accuracy: number): number {
  return countOptima(solutions, problem, accuracy) / problem.count;
}

const distance = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((x, i) => x - b[i]!));
