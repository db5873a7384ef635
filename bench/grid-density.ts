/** Densities on a grid: a posterior by its float64 model, and a fitted mixture. Neither is normalised. */
import type { Mixture } from '../src/mixture/mixture.ts';
import type { InversionProblem } from '../src/problems/inversion.ts';

const numberOf = (list: number | readonly number[], i: number): number => (typeof list === 'number' ? list : list[i]!);

export function posteriorDensity({ data, noise, prior, twin }: InversionProblem, points: readonly (readonly number[])[]): number[] {
  const logs = points.map((theta) => {
    const predicted = twin(Float64Array.from(theta));
    const misfit = data.reduce((sum, datum, i) => sum + 0.5 * ((datum - predicted[i]!) / numberOf(noise, i)) ** 2, 0);
    const penalty = prior
      ? theta.reduce((sum, x, i) => sum + 0.5 * ((x - numberOf(prior.mean, i)) / numberOf(prior.deviation, i)) ** 2, 0)
      : 0;
    return -misfit - penalty;
  });
  const top = logs.reduce((a, b) => Math.max(a, b));
  return logs.map((value) => Math.exp(value - top));
}

/** Of the marginal of the first one or two parameters. */
export function mixtureDensity({ weights, means, covariances }: Mixture, points: readonly (readonly number[])[]): number[] {
  const plane = points[0]!.length > 1;
  const parts = weights.map((weight, k) => {
    const aa = covariances[k]![0]![0]!;
    const ab = plane ? covariances[k]![0]![1]! : 0;
    const bb = plane ? covariances[k]![1]![1]! : 1;
    // A sliver's determinant may round to 0 and less.
    const determinant = Math.max(aa * bb - ab * ab, 1e-12 * aa * bb);
    return {
      mean: means[k]!,
      aa: bb / determinant,
      ab: -ab / determinant,
      bb: plane ? aa / determinant : 0,
      scale: weight / Math.sqrt(determinant),
    };
  });
  return points.map(([x, y = 0]) =>
    parts.reduce((sum, { mean, aa, ab, bb, scale }) => {
      const [dx, dy] = [x! - mean[0]!, plane ? y - mean[1]! : 0];
      return sum + scale * Math.exp(-0.5 * (aa * dx * dx + 2 * ab * dx * dy + bb * dy * dy));
    }, 0),
  );
}

/** int |p - q| of two densities on the same grid, each normalised there. */
export function gridDistance(p: readonly number[], q: readonly number[]): number {
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const [massP, massQ] = [total(p), total(q)];
  // All of it lies elsewhere.
  if (!(massQ > 0)) return 2;
  return p.reduce((sum, value, i) => sum + Math.abs(value / massP - q[i]! / massQ), 0);
}
