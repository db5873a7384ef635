/** The one-call searches. */
import { OptionError } from '../gpu/errors.ts';
import { nva } from '../method/nva.ts';
import { readTarget } from '../objective/objective.ts';
import type { Summarised } from '../result/summary.ts';
import type { SearchResult } from '../result/types.ts';
import { checkNames } from '../run/options.ts';
import {
  gpuFor,
  readRunOptions,
  readStops,
  readSurvival,
  runOptionNames,
  type SearchOptions,
  targetOptionNames,
} from './search-options.ts';

/**
 * Finds every minimum of an objective over a box.
 *
 * @example
 * const result = await minimize({
 *   wgsl: 'fn objective(x: Point) -> f32 { return pow(x[0] * x[0] - 1.0, 2.0) + x[1] * x[1]; }',
 *   box: [[-2, 2], [-2, 2]],
 * });
 * result.modes; // [{ x: [-1, 0], value: 0, global: true, ... }, { x: [1, 0], ... }]
 *
 * @throws OptionError, ShaderError (at the user's line), LimitError, ObjectiveError, AdapterError, OutOfMemoryError, DeviceLostError,
 * CheckpointError (of a checkpoint that is no such thing, or of another run)
 */
export function minimize(options: SearchOptions): Promise<Summarised<SearchResult>> {
  return run(options, 'minimize');
}

/** Finds every maximum of an objective over a box: {@link minimize} with the other sign. */
export function maximize(options: SearchOptions): Promise<Summarised<SearchResult>> {
  return run(options, 'maximize');
}

async function run(options: SearchOptions, sense: 'maximize' | 'minimize'): Promise<Summarised<SearchResult>> {
  checkNames('option', options, [...targetOptionNames, ...runOptionNames]);
  if (options.boundary === 'bounded') {
    throw new OptionError(
      'boundary "bounded" belongs to sample(): it moves optima by its Jacobian; take penalise, reflect, clamp, smooth or none',
    );
  }
  const settings = readRunOptions(options);
  const objective = readTarget(options, sense);
  const method = (options.method ?? nva()).resolve({ derivatives: objective.derivatives, dim: objective.box.dim });
  if (method.weights.kind === 'reward') {
    throw new OptionError(`${method.name} fits densities, at a temperature that does not fall: use it with sample(), or nva here`);
  }
  const survival = await readSurvival(options);
  const stops = await readStops(options);
  const [gpu, { search }] = await Promise.all([gpuFor(options), import('../run/search.ts')]);
  return search(gpu, objective, method, { ...settings, ...survival, ...stops });
}
