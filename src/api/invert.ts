/** Parameters of a forward model from data: the posterior of y = G(theta) + noise. */
import { OptionError } from '../gpu/errors.ts';
import { eki, eks } from '../method/ensemble.ts';
import { gmbbvi } from '../method/gmbbvi.ts';
import { dfGmvi, gmki, uki } from '../method/kalman.ts';
import { type GivenStart, givenStart, type Start } from '../mixture/start.ts';
import { type ForwardModel, type InversionTarget, inversionTargetNames, readForward } from '../objective/forward.ts';
import { unconstrainedOf } from '../objective/prior.ts';
import type { InversionResult } from '../result/inversion-types.ts';
import type { Summarised } from '../result/summary.ts';
import type { InversionSettings } from '../run/inversion-fit.ts';
import type { InversionMethod, InversionMethodSpec } from '../run/inversion-method.ts';
import type { Method, MethodSpec } from '../run/method.ts';
import { checkNames, unknownName } from '../run/options.ts';
import { checkAnnealing, gpuFor, type RunOptions, readRunOptions, readSurvival } from './search-options.ts';

/** Methods by name, with their defaults. */
export const inversionMethods: Readonly<Record<string, (options?: object) => InversionMethodSpec | MethodSpec>> = {
  gmki,
  'df-gmvi': dfGmvi,
  gmbbvi,
  uki,
  eki,
  eks,
};

/** Options of {@link invert}: the inverse problem and how to run. `iterations`, `evaluations` (model runs) and `seconds` are budgets. */
export interface InvertOptions extends InversionTarget, Omit<RunOptions, 'method' | 'target' | 'waves' | 'stop'> {
  /**
   * By name, or from a method function: `gmki` for a few model runs and separate modes, `df-gmvi` (default) for curved posteriors too,
   * `gmbbvi` for the best fit with many runs, `uki`, `eki` and `eks` for a single mode; or any method of `sample` that needs no gradients.
   */
  method?: string | InversionMethodSpec | MethodSpec;
  /** First means in physical units, and their deviation in unconstrained coordinates. Default: drawn from the prior, or else from N(0, I). */
  start?: GivenStart;
}

const runNames = [
  'method',
  'components',
  'samples',
  'iterations',
  'evaluations',
  'seconds',
  'seed',
  'tuning',
  'device',
  'gpu',
  'signal',
  'onProgress',
  'pause',
  'checkpoint',
  'onCheckpoint',
  'checkpointEvery',
  'onDeviceLost',
  'start',
];

/**
 * Infers the parameters of a forward model from data, without its derivatives: all modes of the posterior with their weights, misfits and
 * predictions.
 *
 * @example
 * const { modes } = await invert({
 *   wgsl: `fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0] * theta[0]; }`,
 *   dim: 1, y: [1], noise: 0.2, prior: { mean: 3, deviation: 2 },
 * });
 *
 * @throws OptionError, LimitError, ShaderError (at the user's line), ObjectiveError (no finite prediction anywhere)
 */
export async function invert(options: InvertOptions): Promise<Summarised<InversionResult>> {
  const { model, method, settings } = readInversion(options);
  const survival = await readSurvival(options as RunOptions);
  const [gpu, { runInversion }] = await Promise.all([gpuFor(options), import('../run/invert.ts')]);
  return runInversion(gpu, model, method, { ...settings, ...survival });
}

/** Everything that can be wrong with the options, without a GPU. */
export function readInversion(options: InvertOptions): {
  model: ForwardModel;
  method: InversionMethod | { kind: 'density'; method: Method };
  settings: InversionSettings;
} {
  checkNames('option', options, [...inversionTargetNames, ...runNames]);
  const model = readForward(
    Object.fromEntries(
      inversionTargetNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
    ) as unknown as InversionTarget,
  );
  const spec = readMethod(options.method ?? 'df-gmvi');
  const { dim } = model;
  const method =
    'inversion' in spec ? spec.resolve({ dim }) : { kind: 'density' as const, method: spec.resolve({ derivatives: 'value', dim }) };
  const { method: _, start, ...rest } = options;
  const {
    target: __,
    waves: ___,
    ...settings
  } = readRunOptions(Object.fromEntries(Object.entries(rest).filter(([name]) => runNames.includes(name))) as RunOptions);
  if (settings.samples !== undefined && method.kind !== 'density') {
    throw new OptionError(`samples belongs to methods that fit the density; ${method.name} runs the model at fixed points`);
  }
  if (settings.tuning === 'auto' && method.kind !== 'density') {
    throw new OptionError(`tuning: auto belongs to methods that fit the density; the kernels of ${method.name} have no variants`);
  }
  if (settings.components !== undefined && method.kind === 'particle') {
    throw new OptionError(`components has no effect with ${method.name}: give it particles`);
  }
  if (settings.components !== undefined && method.kind === 'sigma' && method.name === 'uki' && settings.components !== 1) {
    throw new OptionError('uki has one component; gmki takes several');
  }
  if (method.kind === 'density') checkDensityMethod(method.method, settings.iterations);
  if (start === undefined) return { model, method, settings };
  if (typeof start !== 'object' || start === null || !Array.isArray(start.means) || !start.means.every(Array.isArray)) {
    throw new OptionError('start must be { means, deviation }, means a list of lists with a number for each parameter');
  }
  const entered = givenStart(start, dim, (theta, axis) => enter(model, theta, axis), 'within the bounds of its prior');
  const wanted =
    settings.components ??
    (method.kind === 'sigma' && (method.name === 'uki' || 'components' in method.options) ? method.components : undefined);
  const components = method.kind === 'particle' ? undefined : checkStart(entered, wanted, dim);
  return { model, method, settings: { ...settings, components, start: entered } };
}

/** A method that fits the density must end at temperature 1. */
function checkDensityMethod(method: Method, iterations: number | undefined): void {
  const { temperature, name } = method;
  if (name === 'nva' && temperature.floor !== 1) {
    throw new OptionError('nva cools for ever, so that what it ends with is no posterior; take posteriorNva()');
  }
  checkAnnealing(method, iterations);
}

function readMethod(method: string | InversionMethodSpec | MethodSpec): InversionMethodSpec | MethodSpec {
  if (typeof method === 'string') {
    const known = Object.hasOwn(inversionMethods, method) ? inversionMethods[method] : undefined;
    if (!known) throw unknownName('method', method, Object.keys(inversionMethods));
    return known();
  }
  if (typeof method !== 'object' || method === null || typeof method.resolve !== 'function')
    throw new OptionError('method must be a name, or what a method function returns, such as gmki()');
  return method;
}

/** @throws OptionError where the start does not suit. */
function checkStart(start: Start, components: number | undefined, dim: number): number {
  const count = start.means.length / dim;
  if (count > 1024) throw new OptionError(`start has ${count} means; there can be 1024 components`);
  if (components !== undefined && components !== count) {
    throw new OptionError(`components is ${components}, but start has ${count} means`);
  }
  return count;
}

/** A physical parameter in search coordinates. Deviations are in unconstrained ones. */
function enter({ prior }: ForwardModel, theta: number, axis: number): { u: number; slope: number } | undefined {
  const v = unconstrainedOf(theta, prior.transforms[axis]!);
  if (Number.isNaN(v)) return undefined;
  return { u: (v - prior.mean[axis]!) / prior.deviation[axis]!, slope: prior.deviation[axis]! };
}
