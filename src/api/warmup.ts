/** Loading and compiling ahead of time, so that the first search waits for neither code nor shaders. */
import { createSolver, type SolverTarget } from './create-solver.ts';
import type { RunOptions } from './search-options.ts';

/**
 * Loads what a run of a target with a method needs, and compiles its kernels (in parallel) on the given or the shared device; later runs
 * of the same target, method and covariance kind, with as many components and samples or nearly so, reuse them.
 * @throws as `minimize`: a mistake in the WGSL shows here
 */
export async function warmup(
  target: SolverTarget,
  options: Pick<RunOptions, 'method' | 'components' | 'samples' | 'tuning' | 'device' | 'gpu'> = {},
): Promise<void> {
  const { method, ...rest } = options;
  // A fit begins as a search.
  const [solver] = await Promise.all([
    createSolver(target, method, rest),
    import('../run/search.ts'),
    target.host || target.exact ? import('../objective/host-evaluators.ts') : undefined,
  ]);
  solver.dispose();
}
