/** Which iterations `npm run bench` measures: shapes and methods. */
import { gmmvi } from '../src/method/gmmvi.ts';
import { nva } from '../src/method/nva.ts';
import type { MethodSpec } from '../src/run/method.ts';
import { bowl } from './objective.ts';

export interface Shape {
  /** Dimensions. */
  d: number;
  /** Components. */
  k: number;
  /** Samples per iteration over all components. */
  n: number;
}

export const shapes: readonly Shape[] = [
  { d: 2, k: 4, n: 2 ** 20 },
  { d: 10, k: 16, n: 2 ** 17 },
  { d: 32, k: 16, n: 2 ** 16 },
  { d: 100, k: 8, n: 2 ** 14 },
];

/** One shape over all sizes. */
export const sweep: readonly Shape[] = Array.from({ length: 12 }, (_, i) => ({ d: 10, k: 16, n: 2 ** (10 + i) }));

/**
 * NVA by its estimator with own samples; with one batch of the mixture's samples shared by all components (responsibilities: every sample
 * counts for every component); and SAMTRON of the GMMVI family with its number of components fixed, which is SEMTRON. Full covariances.
 */
export const methods = ['nva-score', 'nva-stein', 'nva-ranked', 'nva-score-shared', 'gmmvi-semtron'] as const;

export type MethodName = (typeof methods)[number];

/** A method at a fixed temperature and shape, so that every iteration does the same work. */
export function methodOf(name: MethodName, { k, n }: Shape): MethodSpec {
  const fixed = { schedule: 'fixed', firstTemperature: bowl.temperature } as const;
  switch (name) {
    case 'nva-score':
      return nva({ ...fixed, estimator: 'score' });
    case 'nva-stein':
      return nva({ ...fixed, estimator: 'stein' });
    case 'nva-ranked':
      return nva({ ...fixed, estimator: 'ranked' });
    case 'nva-score-shared':
      return nva({ ...fixed, estimator: 'score', sampling: 'mixture' });
    case 'gmmvi-semtron':
      return gmmvi('SEMTRON', { temperature: bowl.temperature, components: k, samples: n / k });
  }
}

/** Whether the moments of every component run over the samples of all. */
export const isShared = (method: MethodName): boolean => method === 'nva-score-shared' || method === 'gmmvi-semtron';

/** `d,K,n`, or what is wrong with it. */
export function parseShape(text: string): Shape | string {
  const [d, k, n, ...rest] = text.split(',').map(Number);
  if (rest.length > 0 || ![d, k, n].every((x) => Number.isInteger(x) && x! >= 1)) {
    return `it must be d,K,n: dimensions, components, samples over all components, as in 2,4,16384`;
  }
  if (n! % k! !== 0) return 'n must be a multiple of K, since every component draws the same number of samples';
  if (n! / k! < 2) return 'every component needs two samples or more';
  return { d: d!, k: k!, n: n! };
}

/** A method's name, whole or its last words (`score`, `shared`, `semtron`); undefined for an unknown one. */
export const parseMethod = (text: string): MethodName | undefined => methods.find((name) => name === text || name.endsWith(`-${text}`));
