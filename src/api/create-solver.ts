/** The loop under the caller's control. */
import { OptionError } from '../gpu/errors.ts';
import { isGmmviName } from '../method/gmmvi.ts';
import { nva } from '../method/nva.ts';
import { readTarget, type TargetOptions } from '../objective/objective.ts';
import type { Checkpoint } from '../run/checkpoint.ts';
import { searchDefaults } from '../run/defaults.ts';
import type { MethodSpec } from '../run/method.ts';
import { checkNames } from '../run/options.ts';
import type { Solver } from '../run/solver.ts';
import { gpuFor, type RunOptions, readRunOptions, readStops, readSurvival, runOptionNames, targetOptionNames } from './search-options.ts';

/** What a solver works on: an objective and its box, or a box alone, to be driven by ask and tell. */
export interface SolverTarget extends TargetOptions {
  /** Default `minimize`; `maximize` with methods that fit densities. */
  sense?: 'maximize' | 'minimize';
}

/** Of a `checkpoint` (what `save()` gave) components, samples and seed are taken where they are not given. */
export interface SolverOptions extends Omit<RunOptions, (typeof searchOnly)[number]> {
  /**
   * Leave the whitened draws of the last iteration in the buffer `ms_eps`, for views that draw from the engine's memory. Never changes a
   * result; default false: in few dimensions they never leave the registers.
   */
  keepDraws?: boolean | undefined;
}

const searchOnly = ['method', 'waves', 'onProgress', 'pause', 'onCheckpoint'] as const;

/**
 * A solver for one mixture: `step()`, `run()`, `for await (const snapshot of solver)`, `ask()` and `tell()`, `save()`
 * and `restore()`, `dispose()`.
 * Without an objective in `target` it is driven by ask and tell (the method then needs `firstTemperature`).
 *
 * @example
 * const solver = await createSolver({ wgsl, box: [[-6, 6], [-6, 6]] }, nva({ components: 8 }));
 * for await (const snapshot of solver) draw(snapshot.mixture);
 * solver.dispose();
 *
 * @throws as `minimize`; CheckpointError where the checkpoint cannot be read or belongs to another run
 */
export async function createSolver(target: SolverTarget, method: MethodSpec = nva(), options: SolverOptions = {}): Promise<Solver> {
  checkNames('target option', target, [...targetOptionNames, 'sense']);
  checkNames('solver option', options, [
    ...runOptionNames.filter((name) => !(searchOnly as readonly string[]).includes(name)),
    'keepDraws',
  ]);
  const survival = await readSurvival(options);
  const density = isGmmviName(method.name);
  const { sense = density ? 'maximize' : 'minimize', ...given } = target;
  const rest = density ? { ...given, boundary: given.boundary ?? 'none' } : given;
  if (sense !== 'maximize' && sense !== 'minimize') throw new OptionError(`sense is "${sense}"; it must be maximize or minimize`);
  const objective = readTarget(rest, sense);
  if (density && objective.boundary !== 'none' && objective.boundary !== 'bounded') {
    throw new OptionError(`${method.name} fits a density, which boundary: ${objective.boundary} folds onto the box; take none or bounded`);
  }
  const resolved = method.resolve({ derivatives: objective.derivatives, dim: objective.box.dim });
  const settings = readRunOptions({ ...shapeOf(survival.checkpoint), ...options });
  const defaults = searchDefaults(objective.box.dim, resolved);
  const stops = await readStops(options);
  const [gpu, loaded] = await Promise.all([gpuFor(options), import('../run/solver.ts')]);
  return loaded.Solver.create(gpu, objective, resolved, {
    ...settings,
    components: settings.components ?? defaults.components,
    samples: settings.samples ?? defaults.samples,
    keepDraws: options.keepDraws,
    ...survival,
    ...stops,
  });
}

/** What a run that goes on need not be told again. */
function shapeOf(checkpoint: Checkpoint | undefined): Pick<RunOptions, 'components' | 'samples' | 'seed'> {
  const { identity = {} } = checkpoint ?? {};
  return Object.fromEntries(
    ['components', 'samples', 'seed'].flatMap((name) => (typeof identity[name] === 'number' ? [[name, identity[name]]] : [])),
  );
}
