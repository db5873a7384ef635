/** From a fitted mixture in search coordinates to the modes of the posterior in the user's, by a model run at every component's mean. */
import type { Mixture } from '../mixture/mixture.ts';
import { enterBox } from '../objective/boundary.ts';
import type { ForwardModel } from '../objective/forward.ts';
import { logPrior, toPhysical } from '../objective/prior.ts';
import { modesOfMixture } from '../result/basins.ts';
import type { InversionMode } from '../result/inversion-types.ts';
import { type LogMixture, logDensity } from '../result/posterior.ts';
import type { ForwardRun } from './forward-run.ts';

const unconstrained = ({ dim, box }: ForwardModel, u: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: dim }, (_, i) => enterBox(u[i]!, box.lower[i]!, box.upper[i]!, 'none').x);

export function physicalRows(model: ForwardModel, points: Float64Array): number[][] {
  return Array.from({ length: points.length / model.dim }, (_, j) =>
    Array.from(toPhysical(unconstrained(model, points.subarray(j * model.dim, (j + 1) * model.dim)), model.prior)),
  );
}

/** Covariance of a component in unconstrained coordinates, row by row. */
function covarianceOf({ dim, prior }: ForwardModel, { factors }: LogMixture, k: number): number[][] {
  const packed = (dim * (dim + 1)) / 2;
  const entry = (row: number, column: number) => factors[k * packed + (row * (row + 1)) / 2 + column]!;
  const rows = Array.from({ length: dim }, () => new Array<number>(dim).fill(0));
  for (let a = 0; a < dim; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let j = 0; j <= b; j++) sum += entry(a, j) * entry(b, j);
      rows[a]![b] = rows[b]![a] = prior.deviation[a]! * prior.deviation[b]! * sum;
    }
  }
  return rows;
}

export function userMixture(model: ForwardModel, mixture: LogMixture): Mixture {
  const count = mixture.logWeights.length;
  const top = Math.max(...mixture.logWeights);
  const weights = Array.from(mixture.logWeights, (logWeight) => Math.exp(logWeight - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    weights: weights.map((weight) => weight / total),
    means: Array.from({ length: count }, (_, k) =>
      Array.from(unconstrained(model, mixture.means.subarray(k * model.dim, (k + 1) * model.dim))),
    ),
    covariances: Array.from({ length: count }, (_, k) => covarianceOf(model, mixture, k)),
  };
}

/** The modes, by model runs at every component's mean. */
export async function describePosterior(forward: ForwardRun, mixture: LogMixture): Promise<{ modes: InversionMode[]; failed: number }> {
  const { model } = forward;
  const { observations, prior } = model;
  const { weights, means, covariances } = userMixture(model, mixture);
  const physical = means.map((v) => toPhysical(v, prior));
  const { predictions, misfits } = await forward.evaluate(Float64Array.from(physical.flatMap((theta) => Array.from(theta))));
  const peak = prior.proper ? logPrior(prior.mean, prior) : 0;
  // The prior's own share, without its normaliser: 0 at its mean.
  const values = means.map((v, k) => -misfits[k]! + logPrior(v, prior) - peak);
  // Importance sampling with the means as draws: of a component that stands alone, its Laplace evidence.
  const heights = logDensity(mixture, mixture.means);
  const evidence = values.map((value, k) =>
    Number.isNaN(value) ? Number.NEGATIVE_INFINITY : mixture.logWeights[k]! + value - heights[k]!,
  );
  const groups = new Map<number, number[]>();
  modesOfMixture(mixture).forEach((mode, k) => {
    groups.set(mode, [...(groups.get(mode) ?? []), k]);
  });
  const top = Math.max(...evidence);
  // Where no run at a mean succeeded there is nothing but the mixture's own weights.
  const share = evidence.map((value, k) => (top === Number.NEGATIVE_INFINITY ? weights[k]! : Math.exp(value - top)));
  const total = share.reduce((sum, value) => sum + value, 0);
  const modes = [...groups.values()].map((all): InversionMode => {
    const weight = all.reduce((sum, k) => sum + weights[k]!, 0);
    const best = all.reduce((a, b) => (Number.isNaN(values[a]!) || values[b]! > values[a]! ? b : a));
    return {
      x: Array.from(physical[best]!),
      value: values[best]!,
      deviation: deviations(model, all, weights, means, covariances, best),
      covariance: covariances[best]!,
      weight,
      evidenceWeight: all.reduce((sum, k) => sum + share[k]!, 0) / total,
      misfit: misfits[best]!,
      predictions: Array.from(predictions.subarray(best * observations, (best + 1) * observations)),
      components: all.length,
    };
  });
  return { modes: modes.sort((a, b) => b.weight - a.weight), failed: misfits.filter(Number.isNaN).length };
}

/** Of the mode as a mixture, axis by axis, by the slope of the physical parameter at its best component. */
function deviations(
  model: ForwardModel,
  all: number[],
  weights: number[],
  means: number[][],
  covariances: number[][][],
  best: number,
): number[] {
  const total = all.reduce((sum, k) => sum + weights[k]!, 0);
  const share = (k: number) => (total > 0 ? weights[k]! / total : 1 / all.length);
  return Array.from({ length: model.dim }, (_, i) => {
    const mean = all.reduce((sum, k) => sum + share(k) * means[k]![i]!, 0);
    const variance = all.reduce((sum, k) => sum + share(k) * (covariances[k]![i]![i]! + (means[k]![i]! - mean) ** 2), 0);
    const at = Float64Array.from(means[best]!);
    const step = 1e-4 * model.prior.deviation[i]!;
    at[i]! += step;
    const above = toPhysical(at, model.prior)[i]!;
    at[i]! -= 2 * step;
    return (Math.sqrt(variance) * Math.abs(above - toPhysical(at, model.prior)[i]!)) / (2 * step);
  });
}
