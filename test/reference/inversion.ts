/** From predictions of a forward model to residuals, misfits and log posteriors (formulas/kalman.md 2); failed members have no misfit. */
import { apply, type Matrix, scaleVector, sum, type Vector } from './matrix.ts';

/** Finite, and small enough to be summed. */
export const usable = (value: number): boolean => Math.abs(value) < 1e30;

/** W (y - g); what is no number counts as no residual. */
export const residual = (y: Vector, g: Vector, whitener: Matrix): Vector =>
  apply(
    whitener,
    y.map((datum, i) => (usable(g[i]) ? datum - g[i] : 0)),
  );

/** |r|^2 / 2, undefined for a failed member. */
export function misfit(predictions: Vector, r: Vector): number | undefined {
  const half = 0.5 * sum(r.map((entry) => entry * entry));
  return predictions.every(usable) && usable(half) ? half : undefined;
}

/** Standardised parameters, the inverse factor of their correlations (none: flat prior). */
export const logPosterior = (phi: number, standard: Vector, inverse: Matrix | undefined, logNorm: number): number =>
  logNorm - phi - (inverse ? 0.5 * sum(apply(inverse, standard).map((entry) => entry * entry)) : 0);

/** A component's sigma points in whitened coordinates: 0, then +c e_1, -c e_1, +c e_2, ... */
export const sigmaPoints = (dim: number, c: number): Matrix =>
  Array.from({ length: 2 * dim + 1 }, (_, point) =>
    Array.from({ length: dim }, (_, axis) => (point > 0 && axis === (point - 1) >> 1 ? (point % 2 === 1 ? c : -c) : 0)),
  );

export interface Differences {
  /** B and S, d rows of m: first and second differences of the whitened predictions. */
  slopes: Matrix;
  bends: Matrix;
}

/** Of the residuals y - g at a component's sigma points: what is one-sided has no bend, without its centre there is nothing. */
export function differences(residuals: Matrix, succeeded: readonly boolean[], c: number): Differences {
  const nothing = residuals[0].map(() => 0);
  const dim = (residuals.length - 1) / 2;
  const rise = (point: number): Vector => residuals[0].map((entry, i) => entry - residuals[point][i]);
  const rows = Array.from({ length: dim }, (_, axis) => {
    const [plus, minus] = [2 * axis + 1, 2 * axis + 2];
    const above = succeeded[0] && succeeded[plus];
    const below = succeeded[0] && succeeded[minus];
    if (above && below) {
      const [up, down] = [rise(plus), rise(minus)];
      return { slope: up.map((entry, i) => (entry - down[i]) / (2 * c)), bend: up.map((entry, i) => (entry + down[i]) / (2 * c)) };
    }
    const slope = above ? scaleVector(1 / c, rise(plus)) : below ? scaleVector(-1 / c, rise(minus)) : nothing;
    return { slope, bend: nothing };
  });
  return { slopes: rows.map(({ slope }) => slope), bends: rows.map(({ bend }) => bend) };
}
