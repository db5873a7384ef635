/**
 * From a fitted mixture to numbers about the posterior that can be trusted: how good the fit is, and the evidence, by importance
 * sampling from it. All in float64 and in the mixture's own coordinates, a log density being the posterior's there (with its
 * Jacobian: see logJacobian in objective/boundary.ts).
 */
import { ObjectiveError } from '../gpu/errors.ts';
import { largestOf, paretoSmooth } from './pareto.ts';

/** A Gaussian mixture by the factors of its covariances. */
export interface LogMixture {
  readonly dim: number;
  /** Up to a constant; -Infinity for a component that is not there. */
  readonly logWeights: Float64Array;
  /** K x d. */
  readonly means: Float64Array;
  /** K packed lower Cholesky factors, row by row: d (d + 1) / 2 each. */
  readonly factors: Float64Array;
}

/** What {@link drawMixture} and {@link resample} draw with; a RandomStream is one. */
export interface RandomSource {
  /** In (0, 1). */
  uniform(): number;
  normal(): number;
}

export interface Posterior {
  /**
   * Mean of log p - log q over the draws at which log p is usable: where `nonFinite` is 0, an estimate of a lower bound on the log
   * evidence. A fit with mass where the density is zero has ELBO -Infinity; this one then bounds the evidence only after the log of
   * the usable draws' share is added.
   */
  elbo: number;
  /** Infinity with one draw alone, as below. */
  elboStandardError: number;
  /**
   * Log of the mean of p / q over all draws, the unusable ones as zeros. The standard error is by the delta method: believe it
   * below `paretoK` 0.7. Draws are stratified over the components, which it does not know: it is too large, if anything.
   */
  logEvidence: { value: number; standardError: number };
  /** (sum w)^2 / sum w^2 of the raw weights. */
  effectiveSampleSize: number;
  /** How heavy the weights' tail is: see {@link paretoSmooth}. Infinity for fewer than 25 draws. */
  paretoK: number;
  /** The draws, in the order of the components. */
  points: number[][];
  /** Pareto-smoothed log weights of the points; their exponentials sum to one. For averages, and for {@link resample}. */
  logWeights: number[];
  /** Draws at which log p is not finite. */
  nonFinite: number;
}

/** Points that share a pass over the factors. */
const BLOCK = 64;
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Log q at points given row by row. */
export function logDensity(mixture: LogMixture, points: Float64Array): Float64Array {
  const { dim, logWeights, means, factors } = mixture;
  const components = logWeights.length;
  const entries = (dim * (dim + 1)) / 2;
  const logTotal = logSumExp(logWeights);
  const count = points.length / dim;
  const out = new Float64Array(count);
  const terms = new Float64Array(BLOCK * components);
  const inverse = new Float64Array(dim);
  const whitened = new Float64Array(dim);
  for (let first = 0; first < count; first += BLOCK) {
    const last = Math.min(first + BLOCK, count);
    for (let k = 0; k < components; k++) {
      const factor = factors.subarray(k * entries, (k + 1) * entries);
      let constant = logWeights[k]! - logTotal - dim * HALF_LOG_TWO_PI;
      for (let i = 0; i < dim; i++) {
        const pivot = factor[(i * (i + 3)) / 2]!;
        inverse[i] = 1 / pivot;
        constant -= Math.log(pivot);
      }
      for (let n = first; n < last; n++) {
        let square = 0;
        for (let i = 0, entry = 0; i < dim; i++, entry++) {
          let rest = points[n * dim + i]! - means[k * dim + i]!;
          for (let j = 0; j < i; j++, entry++) rest -= factor[entry]! * whitened[j]!;
          rest *= inverse[i]!;
          whitened[i] = rest;
          square += rest * rest;
        }
        terms[(n - first) * components + k] = constant - 0.5 * square;
      }
    }
    for (let n = first; n < last; n++) out[n] = logSumExp(terms.subarray((n - first) * components, (n - first + 1) * components));
  }
  return out;
}

/**
 * Draws, row by row. How many each component gives is systematic: its share of the count, rounded up or down by chance; so draws
 * stand in the order of the components.
 */
export function drawMixture(mixture: LogMixture, count: number, random: RandomSource): Float64Array {
  const { dim, means, factors } = mixture;
  const entries = (dim * (dim + 1)) / 2;
  const points = new Float64Array(count * dim);
  const normals = new Float64Array(dim);
  resample(mixture.logWeights, count, random).forEach((k, n) => {
    for (let i = 0; i < dim; i++) normals[i] = random.normal();
    for (let i = 0, entry = k * entries; i < dim; i++) {
      let x = means[k * dim + i]!;
      for (let j = 0; j <= i; j++, entry++) x += factors[entry]! * normals[j]!;
      points[n * dim + i] = x;
    }
  });
  return points;
}

/**
 * Systematic resampling: indices in ascending order, each about as often as the exponential of its log weight (known but for a
 * constant) asks, rounded up or down by chance.
 */
export function resample(logWeights: ArrayLike<number>, count: number, random: RandomSource): number[] {
  const top = largestOf(logWeights);
  let total = 0;
  let last = 0;
  for (let i = 0; i < logWeights.length; i++) {
    const weight = Math.exp(logWeights[i]! - top);
    total += weight;
    if (weight > 0) last = i;
  }
  const offset = random.uniform();
  let index = -1;
  let passed = 0;
  return Array.from({ length: count }, (_, n) => {
    const place = ((n + offset) / count) * total;
    // Rounding must not lead past the last one that has a weight.
    while (index < last && passed <= place) passed += Math.exp(logWeights[++index]! - top);
    return index;
  });
}

/** In random order, in place: the first draws then stand for all of them. */
export function shuffled(indices: number[], random: RandomSource): number[] {
  for (let i = indices.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return indices;
}

/**
 * Draws from the mixture and weighs the draws by the density: `count` evaluations.
 * @param evaluate log density at points row by row, up to the constant that the evidence is; not finite where it is not usable
 * @throws ObjectiveError when no draw has a usable density
 */
export async function assess(
  mixture: LogMixture,
  evaluate: (points: Float64Array) => Promise<Float64Array>,
  count: number,
  random: RandomSource,
): Promise<Posterior> {
  const { dim } = mixture;
  const points = drawMixture(mixture, count, random);
  const values = await evaluate(points);
  const logQ = logDensity(mixture, points);
  const logs = values.map((value, n) => (Number.isFinite(value) ? value - logQ[n]! : -Infinity));
  const usable = logs.filter((log) => log > -Infinity);
  if (usable.length === 0) throw new ObjectiveError(`the density is zero or not a number at each of ${count} points drawn from the fit`);
  const bound = meanOf(usable);
  const top = largestOf(logs);
  const weights = logs.map((log) => Math.exp(log - top));
  const weight = meanOf(weights);
  const { k, logWeights } = paretoSmooth(logs);
  return {
    elbo: bound.mean,
    elboStandardError: bound.standardError,
    logEvidence: { value: top + Math.log(weight.mean), standardError: weight.standardError / weight.mean },
    effectiveSampleSize: (weight.mean * count) ** 2 / weights.reduce((sum, w) => sum + w * w, 0),
    paretoK: k,
    points: Array.from({ length: count }, (_, n) => Array.from(points.subarray(n * dim, (n + 1) * dim))),
    logWeights: Array.from(logWeights),
    nonFinite: count - usable.length,
  };
}

/** With one value the error is unknown: Infinity. */
function meanOf(values: Float64Array): { mean: number; standardError: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Infinity };
}

function logSumExp(logs: Float64Array): number {
  const top = largestOf(logs);
  if (top === -Infinity) return top;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - top);
  return top + Math.log(sum);
}
