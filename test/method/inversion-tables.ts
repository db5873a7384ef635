/** Published and prototype numbers of GMKI, and the runs that are held against them (kalman.md 5.2, 5.3, 5.10a). */

import { problemInversion } from '../../src/cli/invert.ts';
import { type GmkiOptions, gmki, type InversionResult, invert } from '../../src/index.ts';
import type { Mixture } from '../../src/mixture/mixture.ts';
import { quadraticInversion, type SmallInversion } from '../../src/problems/inversion-small.ts';
import { getDevice } from '../harness/device.ts';
import { potential } from './inversion-cases.ts';

/** Means that the 1-D runs start from, C = 4: the first K of them. */
const starts = [-2.4283140297584804, 1.7456283123426095, -0.894645096090581];

/** L1 at iterations 0, 5, 10, 15, 20, 30 with Gauss-Hermite nodes, K = 1, 2, 3. */
export const quadraticTable: readonly (readonly [noise: number, rows: readonly (readonly number[])[]])[] = [
  [
    0.2,
    [
      [1.79, 1.626, 0.383, 0.405, 0.406, 0.406],
      [1.742, 0.386, 0.195, 0.089, 0.087, 0.087],
      [1.717, 1.459, 0.189, 0.09, 0.087, 0.087],
    ],
  ],
  [
    0.5,
    [
      [1.482, 1.115, 0.572, 0.584, 0.584, 0.584],
      [1.361, 0.591, 0.414, 0.286, 0.282, 0.282],
      [1.304, 0.899, 0.565, 0.304, 0.283, 0.282],
    ],
  ],
  [
    1,
    [
      [1.44, 0.872, 0.565, 0.564, 0.563, 0.563],
      [1.236, 0.593, 0.536, 0.396, 0.363, 0.359],
      [1.158, 0.691, 0.566, 0.458, 0.372, 0.359],
    ],
  ],
  [
    1.5,
    [
      [1.439, 0.74, 0.472, 0.467, 0.467, 0.467],
      [1.17, 0.496, 0.4, 0.364, 0.353, 0.349],
      [1.109, 0.598, 0.472, 0.41, 0.368, 0.35],
    ],
  ],
];
export const quadraticIterations = [0, 5, 10, 15, 20, 30] as const;

/** A run on the 1-D problem; 0 iterations are the start itself. */
export async function quadraticDistance(noise: number, components: number, iterations: number, options: GmkiOptions): Promise<number> {
  const problem = quadraticInversion(noise);
  const means = starts.slice(0, components).map((mean) => [mean]);
  if (iterations === 0) {
    return lineDistance(problem, { weights: means.map(() => 1 / components), means, covariances: means.map(() => [[4]]) });
  }
  const result = await smallRun(problem, means, 2, iterations, options);
  return lineDistance(problem, result.mixture);
}

export async function smallRun(
  problem: SmallInversion,
  means: readonly (readonly number[])[],
  deviation: number,
  iterations: number,
  options: GmkiOptions = {},
): Promise<InversionResult> {
  return invert({
    ...problemInversion(problem),
    device: await getDevice(),
    method: gmki(options),
    start: { means, deviation },
    iterations,
  });
}

function lineDistance(problem: SmallInversion, mixture: Mixture): number {
  const [[lower, upper]] = problem.window as [readonly [number, number]];
  const points = Array.from({ length: 4000 }, (_, i) => [lower + ((upper - lower) * (i + 0.5)) / 4000]);
  return distance(problem, mixture, points);
}

/** int |p - q| over the window of a problem of two parameters with a prior, on a grid of 401 x 401. */
export function planeDistance(problem: SmallInversion, mixture: Mixture): number {
  const [first, second] = problem.window.map(([lower, upper]) =>
    Array.from({ length: 401 }, (_, i) => lower + ((upper - lower) * i) / 400),
  );
  return distance(
    problem,
    mixture,
    first!.flatMap((a) => second!.map((b) => [a, b])),
  );
}

function distance(problem: SmallInversion, { weights, means, covariances }: Mixture, points: readonly (readonly number[])[]): number {
  const { mean, deviation } = problem.prior!;
  const at = (list: number | readonly number[], i: number) => (typeof list === 'number' ? list : list[i]!);
  const p = points.map((x) => {
    const prior = x.reduce((sum, value, i) => sum + 0.5 * ((value - at(mean, i)) / at(deviation, i)) ** 2, 0);
    return Math.exp(-potential(problem, Float64Array.from(x)) - prior);
  });
  const parts = weights.map((weight, k) => {
    const [[aa, ab = 0], [, bb] = [0, 1]] = covariances[k]! as [[number, number?], [number, number]?];
    const determinant = aa * bb - ab * ab;
    return { mean: means[k]!, aa: bb / determinant, ab: -ab / determinant, bb: aa / determinant, scale: weight / Math.sqrt(determinant) };
  });
  const q = points.map(([x, y = 0]) =>
    parts.reduce((sum, part) => {
      const [dx, dy] = [x! - part.mean[0]!, y - (part.mean[1] ?? 0)];
      return sum + part.scale * Math.exp(-0.5 * (part.aa * dx * dx + 2 * part.ab * dx * dy + part.bb * dy * dy));
    }, 0),
  );
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const [massP, massQ] = [total(p), total(q)];
  return total(p.map((value, i) => Math.abs(value / massP - q[i]! / massQ)));
}
