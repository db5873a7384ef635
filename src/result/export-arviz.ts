/** Draws in the shape that ArviZ reads: groups of variables whose first two dimensions are chain and draw. */
import { OptionError } from '../gpu/errors.ts';
import { coordinates } from './export-csv.ts';
import { drawInversion } from './inversion-draws.ts';
import type { InversionResult } from './inversion-types.ts';
import type { SampleResult } from './types.ts';

/** Draws of an inversion that nobody said anything of. */
const DRAWS = 1000;

/** Options of {@link toArviz}. */
export interface ArvizOptions {
  /** Each coordinate as a variable of its own, by these names. Default: one vector variable `x` with the dimension `axis`. */
  names?: readonly string[];
  /** Draws are independent and in random order, so that they may be split into chains, for R-hat; a remainder is dropped. Default 1. */
  chains?: number;
  /**
   * Of inversions: how many draws are made from the mixture, from 1 to 1e7. Default 1000, and of an inversion by particles its ensemble in
   * their place.
   */
  draws?: number;
  /** Of these draws, a whole number in [0, 2^53): the same seed gives the same ones. Default: the result's. */
  seed?: number;
  /** Data that the posterior was conditioned on, for the group `observed_data`. */
  observed?: Readonly<Record<string, readonly number[]>>;
  /** Default: now. */
  createdAt?: Date;
}

/** Groups, dimensions and attributes: `arviz.from_dict` takes them as they are. */
export interface ArvizData {
  /** [chain][draw], or [chain][draw][axis]. */
  posterior: Record<string, number[][] | number[][][]>;
  /** `lp`: log density of each draw; absent where it is not known. */
  sample_stats?: { lp: number[][] };
  /** `observed`, as it was given. */
  observed_data?: Record<string, number[]>;
  /** Values of the dimension `axis`: 0 to d - 1. Empty where the coordinates have names. */
  coords: Record<string, number[]>;
  /** Dimensions of each variable beyond chain and draw. */
  dims: Record<string, string[]>;
  /** Where the draws come from (package, version, method, seed, time), and how good the fit is. */
  attrs: Record<string, string | number>;
}

/**
 * The draws of a posterior as an object for ArviZ, parameters in their own units. Those of an inversion are made from its mixture, each
 * component by its weight; of an inversion by particles they are its ensemble.
 *
 * @example
 * writeFileSync('draws.json', JSON.stringify(toArviz(result, { chains: 4 })));
 * // Python, ArviZ 0.x: idata = arviz.from_dict(**json.load(open('draws.json')))
 *
 * @throws OptionError when a result of sample() holds no draws, or one has fewer than chains.
 */
export function toArviz(result: SampleResult | InversionResult, options: ArvizOptions = {}): ArvizData {
  const { chains = 1, names, observed, createdAt = new Date() } = options;
  const draws = drawsOf(result, options);
  if (!Number.isInteger(chains) || chains < 1 || chains > draws.length) {
    throw new OptionError(`chains is ${chains}; it must be a whole number from 1 to the number of draws, ${draws.length}`);
  }
  const length = Math.floor(draws.length / chains);
  const split = <T>(values: readonly T[]): T[][] =>
    Array.from({ length: chains }, (_, chain) => values.slice(chain * length, (chain + 1) * length));
  const dim = draws[0]!.length;
  const variables = coordinates(names, dim);
  return {
    posterior: names ? Object.fromEntries(variables.map((name, i) => [name, split(draws.map((x) => x[i]!))])) : { x: split(draws) },
    ...('drawValues' in result ? { sample_stats: { lp: split(result.drawValues) } } : {}),
    ...(observed ? { observed_data: Object.fromEntries(Object.entries(observed).map(([name, values]) => [name, [...values]])) } : {}),
    coords: names ? {} : { axis: Array.from({ length: dim }, (_, i) => i) },
    dims: names ? {} : { x: ['axis'] },
    attrs: attributes(result, createdAt),
  };
}

function drawsOf(result: SampleResult | InversionResult, { draws, seed }: ArvizOptions): number[][] {
  if ('draws' in result) {
    if (draws !== undefined || seed !== undefined) {
      throw new OptionError(
        `${draws === undefined ? 'seed' : 'draws'} belongs to inversions; the draws of sample() are those it was told to keep`,
      );
    }
    if (result.draws.length === 0) throw new OptionError('this result holds no draws: give sample() draws, e.g. 1000');
    return result.draws;
  }
  const inversion = result as InversionResult;
  if (inversion.ensemble && draws === undefined && seed === undefined) return inversion.ensemble;
  const count = draws ?? DRAWS;
  if (!Number.isInteger(count) || count < 1 || count > 1e7)
    throw new OptionError(`draws is ${count}; it must be a whole number from 1 to 1e7`);
  const by = seed ?? inversion.seed;
  if (!Number.isSafeInteger(by) || by < 0) throw new OptionError(`seed is ${by}; it must be a whole number in [0, 2^53)`);
  if (!inversion.transforms) throw new OptionError('this result holds no draws, and it is no whole result of invert()');
  if (inversion.mixture.means.length === 0) throw new OptionError('this result holds no mixture to draw from');
  return drawInversion(inversion, count, by);
}

function attributes(result: SampleResult | InversionResult, createdAt: Date): Record<string, string | number> {
  const { version, method, seed, seconds } = result;
  const known = {
    created_at: createdAt.toISOString(),
    inference_library: 'modescape',
    inference_library_version: version,
    sampling_time: seconds.total,
    method,
    seed,
  };
  if (!('elbo' in result)) return known;
  const { elbo, logEvidence, effectiveSampleSize, paretoK } = result;
  const quality = {
    elbo,
    log_evidence: logEvidence.value,
    log_evidence_standard_error: logEvidence.standardError,
    importance_effective_sample_size: effectiveSampleSize,
    pareto_k: paretoK,
  };
  // JSON has no word for what is not finite.
  return { ...known, ...Object.fromEntries(Object.entries(quality).filter(([, value]) => Number.isFinite(value))) };
}
