/**
 * The temperature at which a density pulls at the means of a first mixture ten times as hard as the mixture's own entropy does: where
 * GMBBVI's initialiser begins to anneal (arXiv 2601.14855; formulas sheet kalman.md 3.4).
 */
import type { RandomStream } from '../mixture/random.ts';
import type { Start } from '../mixture/start.ts';

/** What the density's slopes may be of the entropy's at the first temperature: 1 / alpha, alpha = 0.1. */
const RATIO = 10;
/** Where the entropy pulls at no mean at all: a mixture of one component, or of components that all lie on each other. */
const FALLBACK = 10;
const NO_PULL = 1e-9;

/** `samples` draws of each component of a start of diagonal covariances, and how to tell the temperature from the values there. */
export function slopeDraws(start: Start, dim: number, samples: number, random: RandomStream) {
  const { means, deviations, logWeights } = start;
  if (!deviations) throw new RangeError('slopes are taken of a start with standard deviations');
  const components = means.length / dim;
  const count = components * samples;
  const normals = Float64Array.from({ length: count * dim }, () => random.normal());
  const points = new Float64Array(count * dim);
  for (let s = 0; s < count; s++) {
    const k = Math.floor(s / samples);
    for (let i = 0; i < dim; i++) points[s * dim + i] = means[k * dim + i]! + deviations[k * dim + i]! * normals[s * dim + i]!;
  }

  const logMixture = (at: number): number => {
    const logs = Array.from({ length: components }, (_, k) => {
      let log = logWeights?.[k] ?? 0;
      for (let i = 0; i < dim; i++) {
        const deviation = deviations[k * dim + i]!;
        log -= Math.log(deviation) + 0.5 * ((points[at + i]! - means[k * dim + i]!) / deviation) ** 2;
      }
      return log;
    });
    const top = Math.max(...logs);
    return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
  };

  /** The norm over all components of L^T (1/J) sum (a - mean a) z; draws without a usable value take no part. */
  const slope = (values: ArrayLike<number>, usable: readonly boolean[]): number => {
    let square = 0;
    for (let k = 0; k < components; k++) {
      const own = Array.from({ length: samples }, (_, j) => k * samples + j).filter((s) => usable[s]);
      const mean = own.reduce((sum, s) => sum + values[s]!, 0) / own.length;
      for (let i = 0; i < dim; i++) {
        const sum = own.reduce((total, s) => total + (values[s]! - mean) * normals[s * dim + i]!, 0);
        if (own.length > 0) square += ((deviations[k * dim + i]! * sum) / own.length) ** 2;
      }
    }
    return Math.sqrt(square);
  };

  const temperatureOf = (values: ArrayLike<number>): number => {
    const usable = Array.from(values, Number.isFinite);
    const entropy = slope(
      Float64Array.from({ length: count }, (_, s) => logMixture(s * dim)),
      usable,
    );
    return entropy < NO_PULL ? FALLBACK : Math.max((RATIO * slope(values, usable)) / entropy, 1);
  };
  return { points, count, temperatureOf };
}
