/** From an engine's final state to numbers about the posterior, in the user's coordinates. */
import { field, recordSize } from '../kernels/state.ts';
import { purpose, RandomStream } from '../mixture/random.ts';
import { logJacobian, toUser } from '../objective/boundary.ts';
import type { Evaluator } from '../objective/evaluator.ts';
import { assess, type LogMixture, type Posterior, resample, shuffled } from '../result/posterior.ts';
import type { PosteriorSummary } from '../result/types.ts';
import type { Engine, EngineState } from './engine.ts';

/** The mixture in search coordinates, where it is one, in float64. */
export function logMixtureOf(engine: Engine, { control, components, factors }: EngineState): LogMixture {
  const { dim } = engine;
  const record = recordSize(dim);
  const full = engine.method.covariance === 'full';
  const packed = (dim * (dim + 1)) / 2;
  const entries = full ? packed : dim;
  const count = control.components;
  const mixture = {
    dim,
    logWeights: new Float64Array(count),
    means: new Float64Array(count * dim),
    factors: new Float64Array(count * packed),
  };
  for (let k = 0; k < count; k++) {
    mixture.logWeights[k] = components[k * record + field.logWeight]!;
    mixture.means.set(components.subarray(k * record + field.mean, k * record + field.mean + dim), k * dim);
    const factor = factors.subarray(2 * entries * k, 2 * entries * k + entries);
    if (full) mixture.factors.set(factor, k * packed);
    else for (let i = 0; i < dim; i++) mixture.factors[k * packed + (i * (i + 1)) / 2 + i] = factor[i]!;
  }
  return mixture;
}

/**
 * ELBO, evidence, effective sample size and Pareto k of the fit by `count` draws from it, and as many equally weighted ones as asked.
 * @throws ObjectiveError where none of the draws has a usable value.
 */
export async function summarise(
  engine: Engine,
  state: EngineState,
  evaluator: Evaluator,
  { draws, resampled }: { draws: number; resampled: number },
): Promise<PosteriorSummary> {
  const { dim, objective, seed } = engine;
  const { box, boundary } = objective;
  const userPoints = (points: Float64Array) => {
    const x = new Float64Array(points.length);
    for (let at = 0; at < points.length; at += dim) x.set(toUser(points.subarray(at, at + dim), box, boundary), at);
    return x;
  };
  let values: number[] = [];
  const evaluate = async (points: Float64Array) => {
    const own = await evaluator.evaluate(userPoints(points));
    values = Array.from(own, (value) => (Number.isFinite(value) ? value : Number.NaN));
    return own.map((value, i) => value + logJacobian(points.subarray(i * dim, (i + 1) * dim), box, boundary));
  };
  const posterior: Posterior = await assess(logMixtureOf(engine, state), evaluate, draws, new RandomStream(seed, purpose.restart, 0x20000));
  const points = posterior.points.map((u) => Array.from(toUser(u, box, boundary)));
  const chosen = resample(posterior.logWeights, resampled, new RandomStream(seed, purpose.restart, 0x20001));
  const order = shuffled(chosen, new RandomStream(seed, purpose.restart, 0x20002));
  return {
    elbo: posterior.elbo,
    elboStandardError: posterior.elboStandardError,
    logEvidence: posterior.logEvidence,
    effectiveSampleSize: posterior.effectiveSampleSize,
    paretoK: posterior.paretoK,
    unusableDraws: posterior.nonFinite,
    weightedDraws: { points, logWeights: posterior.logWeights, values },
    draws: order.map((i) => points[i]!.slice()),
    drawValues: order.map((i) => values[i]!),
  };
}
