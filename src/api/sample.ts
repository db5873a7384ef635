/** Fitting a Gaussian mixture to a whole posterior. */
import { OptionError } from '../gpu/errors.ts';
import { gmmvi } from '../method/gmmvi.ts';
import { type NvaOptions, nva } from '../method/nva.ts';
import { type GivenStart, givenStart } from '../mixture/start.ts';
import { leaveBox } from '../objective/boundary.ts';
import { type Objective, readTarget, type TargetOptions } from '../objective/objective.ts';
import type { Summarised } from '../result/summary.ts';
import type { SampleResult } from '../result/types.ts';
import type { Method, MethodSpec } from '../run/method.ts';
import { checkNames, numberOption } from '../run/options.ts';
import {
  checkAnnealing,
  gpuFor,
  readRunOptions,
  readStops,
  readSurvival,
  runOptionNames,
  type SearchOptions,
  targetOptionNames,
} from './search-options.ts';

/** Options of {@link sample}: a log density, where to start (or with `bounded` where it lives), and how to run. */
export interface SampleOptions extends SearchOptions {
  /** The posterior lives in the box, into which all of space is mapped smoothly. Else the box only says where to start. */
  bounded?: boolean;
  /** Equally weighted draws from the posterior that the result is to hold: a whole number from 0 (default) to 1e7. */
  draws?: number;
  /** The first mixture, in place of means drawn uniformly from the box with a quarter of its width as standard deviation. */
  start?: GivenStart;
}

/**
 * NVA for posteriors: cools to temperature 1, stays there, and learns the weights. Takes the options of {@link nva}. @throws OptionError
 */
export const posteriorNva = (options: NvaOptions = {}) => nva({ temperatureFloor: 1, weightRate: 0.1, ...options });

/** What `sample` uses when no method is given: SAMTRON, or where the objective gives no gradient its zero-order sibling. */
export const posteriorDefault = (): MethodSpec => ({
  name: 'SAMTRON',
  resolve: (objective) => gmmvi(objective.derivatives === 'value' ? 'ZAMTRON' : 'SAMTRON').resolve(objective),
});

/** Iterations of a posterior fit that is not told how long. */
const ITERATIONS = 300;

/** What the counters on the GPU hold. */
const UNLIMITED = 4e9;

/** Of a budget of evaluations, what polishing the modes gets. */
const POLISH_SHARE = 0.05;

/** Draws from the fit that it is assessed with, at least. */
const ASSESSING_DRAWS = 10_000;

/**
 * Fits a Gaussian mixture to the density exp(objective): its modes, their weights and covariances, and by importance sampling the ELBO,
 * the log evidence, the effective sample size, Pareto's k, and draws. Without a method the number of components finds itself.
 *
 * @example
 * const { mixture, logEvidence, draws } = await sample({ wgsl, box: [[-5, 5], [-5, 5]], draws: 1000 });
 *
 * @throws as `minimize`
 */
export async function sample(options: SampleOptions): Promise<Summarised<SampleResult>> {
  const { objective, method, settings, draws } = readSample(options);
  const survival = await readSurvival(options);
  const stops = await readStops(options);
  const [gpu, { fit }] = await Promise.all([gpuFor(options), import('../run/fit.ts')]);
  return fit(gpu, objective, method, { ...settings, ...survival, ...stops }, draws);
}

/** Everything that can be wrong with the options, without a GPU. @throws OptionError */
export function readSample(options: SampleOptions) {
  checkNames('option', options, [...targetOptionNames, ...runOptionNames, 'bounded', 'draws', 'start']);
  const { bounded = false, boundary } = options;
  if (bounded && boundary !== undefined && boundary !== 'bounded') {
    throw new OptionError(`bounded maps all of space into the box, so boundary: ${boundary} has nothing to do; leave one of them out`);
  }
  if (options.waves !== undefined && options.waves !== 1) {
    throw new OptionError('sample() fits one mixture, so waves can only be 1; components are added and removed as it goes');
  }
  const objective = readTarget({ ...withoutExtras(options), boundary: bounded ? 'bounded' : (boundary ?? 'none') }, 'maximize');
  if (!['none', 'bounded'].includes(objective.boundary)) {
    throw new OptionError(
      `boundary: ${objective.boundary} folds space onto the box, so that there is no density to fit; sample() takes none, or bounded: true`,
    );
  }
  const method: Method = (options.method ?? posteriorDefault()).resolve({
    derivatives: objective.derivatives,
    dim: objective.box.dim,
  });
  const resampled = numberOption('draws', options.draws, 0, { min: 0, max: 1e7, whole: true });
  const settings = readRunOptions({ ...options, waves: 1 });
  if (settings.iterations === undefined && settings.seconds === undefined && settings.evaluations === undefined) {
    settings.iterations = method.iterations ?? ITERATIONS;
  }
  checkAnnealing(method, settings.iterations);
  if (bounded && settings.target !== undefined)
    throw new OptionError('target does not combine with bounded: what is seen there is the density with its Jacobian');
  const wanted = Math.max(ASSESSING_DRAWS, resampled);
  const { evaluations } = settings;
  // A budget counts the draws that assess the fit too.
  const draws = evaluations === undefined ? wanted : Math.max(Math.min(wanted, Math.floor(evaluations / 4)), 1);
  settings.evaluations = evaluations === undefined ? UNLIMITED : Math.max(evaluations - draws, 1);
  settings.polishShare = evaluations === undefined ? 0 : POLISH_SHARE;
  if (options.start !== undefined) {
    settings.start = readStart(options.start, objective);
    const count = settings.start.means.length / objective.box.dim;
    if (settings.components !== undefined && settings.components !== count) {
      throw new OptionError(`components is ${settings.components}, but start has ${count} means`);
    }
    settings.components = count;
  }
  return { objective, method, settings, draws: { draws, resampled } };
}

function readStart(start: GivenStart, { box, boundary }: Objective) {
  return givenStart(start, box.dim, (x, i) => leaveBox(x, box.lower[i]!, box.upper[i]!, boundary));
}

/** Only what describes the target. */
function withoutExtras(options: SampleOptions): TargetOptions {
  return Object.fromEntries(
    targetOptionNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  ) as unknown as TargetOptions;
}
