/** Fitting a Gaussian mixture to a whole posterior: annealing that ends at temperature 1. */
import { type NvaOptions, nva } from '../method/nva.ts';
import { readTarget } from '../objective/objective.ts';
import type { SearchResult } from '../result/types.ts';
import { checkNames } from '../run/options.ts';
import { search } from '../run/search.ts';
import { gpuFor, readRunOptions, runOptionNames, type SearchOptions, targetOptionNames } from './search-options.ts';

/** NVA for posteriors: cools to temperature 1, stays there, and learns the weights. */
export const posteriorNva = (options: NvaOptions = {}) => nva({ temperatureFloor: 1, weightRate: 0.1, ...options });

/** Iterations of a posterior fit: the way down to temperature 1 and the rest there. */
const ITERATIONS = 500;

/**
 * Fits a Gaussian mixture to the density exp(objective): its modes, their weights and covariances. The box says where to start;
 * samples may leave it unless `boundary` says otherwise.
 * @throws as `minimize`
 */
export async function sample(options: SearchOptions): Promise<SearchResult> {
  checkNames('option', options, [...targetOptionNames, ...runOptionNames]);
  const settings = readRunOptions({ ...options, waves: options.waves ?? 1 });
  if (settings.iterations === undefined && settings.seconds === undefined) settings.iterations = ITERATIONS;
  const objective = readTarget({ ...options, boundary: options.boundary ?? 'none' }, 'maximize');
  const method = (options.method ?? posteriorNva()).resolve({ derivatives: objective.derivatives, dim: objective.box.dim });
  return search(await gpuFor(options), objective, method, settings);
}
