/** Compiling ahead of time, so that the first search does not wait for shaders. */
import { createSolver, type SolverTarget } from './create-solver.ts';
import type { RunOptions } from './search-options.ts';

/**
 * Compiles (in parallel) the kernels that a target with a method needs, on the given or the shared device; later runs of the same
 * target, method and covariance kind, with as many components and samples or nearly so, reuse them.
 * @throws as `minimize`: a mistake in the WGSL shows here
 */
export async function warmup(
  target: SolverTarget,
  options: Pick<RunOptions, 'method' | 'components' | 'samples' | 'device' | 'gpu'> = {},
): Promise<void> {
  const { method, ...rest } = options;
  (await createSolver(target, method, rest)).dispose();
}
