/** The methods that the page offers: which fit a problem, what they start with, and what the library is told. No DOM, no GPU. */
import { dfGmvi, gmbbvi, gmki, gmmvi, gmmviPresets, nva } from '../src/index.ts';
import { isGmmviName } from '../src/method/gmmvi.ts';
import type { InversionMethodSpec, SigmaMethod } from '../src/run/inversion-method.ts';
import type { Method, MethodSpec } from '../src/run/method.ts';
import type { Subject } from './catalogue.ts';

/** The numbers of all methods; parametersOf says which belong to one. */
export const parameterNames = [
  'components',
  'samples',
  'cooling',
  'rate',
  'weightRate',
  'capacity',
  'step',
  'weightStep',
  'reuse',
  'addEvery',
  'removeAfter',
  'anneal',
  'iterations',
] as const;
export type ParameterName = (typeof parameterNames)[number];

export type Estimator = 'auto' | 'stein' | 'hessian' | 'score' | 'ranked';

/** A method and its constants; undefined is what it does not have. */
export interface MethodSettings extends Partial<Record<ParameterName, number | undefined>> {
  /** `nva`, `gmbbvi`, `gmki`, `df-gmvi`, or a GMMVI code. */
  method: string;
  /** Of NVA. */
  estimator: Estimator | undefined;
}

export type Family = 'nva' | 'gmmvi' | 'gmbbvi' | 'kalman';

const kalmanNames: Readonly<Record<string, string>> = { gmki: 'GMKI', 'df-gmvi': 'DF-GMVI' };

/** A method by any name that people give it: a GMMVI preset is its code. Undefined where there is none of that name. */
export function methodNamed(name: string): string | undefined {
  const plain = name.toLowerCase();
  if (plain === 'nva' || plain === 'gmbbvi' || Object.hasOwn(kalmanNames, plain)) return plain;
  return isGmmviName(name) ? gmmvi(name).name : undefined;
}

export const familyOf = (method: string): Family =>
  method === 'nva' || method === 'gmbbvi' ? method : Object.hasOwn(kalmanNames, method) ? 'kalman' : 'gmmvi';

/** VIPS for ZAMTRUX. */
export function titleOf(method: string): string {
  if (method === 'nva' || method === 'gmbbvi') return method.toUpperCase();
  const preset = Object.entries(gmmviPresets).find(([, code]) => code === method)?.[0];
  return kalmanNames[method] ?? (preset ? `${preset} (${method})` : method);
}

/** One line on what it is. */
export const aboutFamily: Record<Family, string> = {
  nva: 'Natural variational annealing: finds optima while the temperature falls',
  gmmvi: 'Natural-gradient variational inference with Gaussian mixtures, seven modules',
  gmbbvi: 'Exponential steps from values alone, after annealing to temperature 1',
  kalman: 'Kalman inversion by sigma points of the forward model, without derivatives',
};

type Given = Pick<Subject, 'density' | 'hasGradient' | 'inversion'>;

/** Why a method cannot run on a subject, for people; undefined where it can. */
export function misfitOf(method: string, { density, hasGradient, inversion }: Given): string | undefined {
  const family = familyOf(method);
  if (family === 'nva') return undefined;
  if (family === 'kalman') return inversion ? undefined : `${titleOf(method)} takes inverse problems`;
  if (!density) return `${titleOf(method)} fits log densities`;
  return family === 'gmmvi' && method.startsWith('S') && !hasGradient ? `${titleOf(method)} takes gradients` : undefined;
}

/** Methods to choose from; `chosen` is among them. */
export function methodsFor(subject: Given, chosen: string): string[] {
  const presets = ['SAMTRON', 'ZAMTRON', ...Object.values(gmmviPresets)];
  const usual = ['nva', ...presets.filter((code) => code !== 'ZAMTRON' || !subject.hasGradient), 'gmbbvi', ...Object.keys(kalmanNames)];
  return [...new Set([...usual, chosen])].filter((method) => misfitOf(method, subject) === undefined);
}

/** The method where it suits, else the nearest that does: a GMMVI code without gradients goes on with MORE. */
export function fittingMethod(method: string, subject: Given): string {
  if (misfitOf(method, subject) === undefined) return method;
  const byValues = `Z${method.slice(1)}`;
  return familyOf(method) === 'gmmvi' && misfitOf(byValues, subject) === undefined ? byValues : 'nva';
}

/** What the library is told. */
export function specOf(settings: MethodSettings, fitsPosterior: boolean): MethodSpec | InversionMethodSpec {
  const { method, components, samples, estimator, cooling, rate, weightRate, step, anneal, iterations } = settings;
  switch (familyOf(method)) {
    case 'nva':
      return nva(
        given({
          components,
          samples,
          cooling,
          rate,
          weightRate,
          estimator: estimator === 'auto' ? undefined : estimator,
          temperatureFloor: fitsPosterior ? 1 : undefined,
        }),
      );
    case 'gmmvi': {
      const { capacity, reuse, weightStep, addEvery, removeAfter } = settings;
      return gmmvi(method, given({ components, samples, capacity, reuse, step, weightStep, addEvery, removeAfter }));
    }
    case 'gmbbvi':
      return gmbbvi(given({ components, samples, rate, anneal, iterations }));
    case 'kalman':
      return (method === 'gmki' ? gmki : dfGmvi)(given({ components, step, iterations }));
  }
}

/** Constants of a method as the settings would have them, by the settings' own names: undefined is what it does not have. */
export function constantsOf(method: Method | SigmaMethod): Partial<MethodSettings> {
  if ('kind' in method) return { components: method.components, step: method.step, iterations: method.iterations };
  const { step, weights, temperature, adapt, batch, components, samples } = method;
  const { size } = step;
  const shape = given({ components, samples });
  switch (size.kind) {
    case 'own':
      return {
        ...shape,
        step: size.first,
        weightStep: weights.kind === 'reward' ? weights.size.first : undefined,
        reuse: batch?.reuse ?? 0,
        capacity: adapt?.capacity,
        addEvery: adapt?.addEvery,
        removeAfter: adapt?.removeAfter,
      };
    case 'spectral':
      return { ...shape, rate: size.rate, anneal: size.anneal.iterations, iterations: (method.iterations ?? 0) - size.anneal.iterations };
    default:
      return {
        ...shape,
        rate: size.rate,
        cooling: temperature.kind === 'adaptive' ? temperature.cooling : undefined,
        weightRate: weights.kind === 'rate' ? weights.ratio : undefined,
      };
  }
}

/** Without what is undefined. */
function given<T extends object>(options: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
