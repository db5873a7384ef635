/** Draws from the posterior that an inversion has fitted, in the parameters' own units. */
import { purpose, RandomStream } from '../mixture/random.ts';
import { toPhysical } from '../objective/prior.ts';
import type { InversionResult } from './inversion-types.ts';
import { drawMixture, type LogMixture, shuffled } from './posterior.ts';

/**
 * `count` draws from the mixture, in random order: the same for the same seed. How many each component gives is its share of the weight,
 * rounded up or down by chance.
 */
export function drawInversion({ mixture, transforms }: InversionResult, count: number, seed: number): number[][] {
  const dim = transforms.length;
  const logMixture: LogMixture = {
    dim,
    logWeights: Float64Array.from(mixture.weights, Math.log),
    means: Float64Array.from(mixture.means.flat()),
    factors: Float64Array.from(mixture.covariances.flatMap(packedFactor)),
  };
  const drawn = drawMixture(logMixture, count, new RandomStream(seed, purpose.restart, 0x30000));
  const order = shuffled(
    Array.from({ length: count }, (_, n) => n),
    new RandomStream(seed, purpose.restart, 0x30001),
  );
  return order.map((n) => Array.from(toPhysical(drawn.subarray(n * dim, (n + 1) * dim), { dim, transforms })));
}

/** The lower Cholesky factor of a covariance, row by row; a direction of which rounding has left nothing has no spread. */
function packedFactor(covariance: readonly (readonly number[])[]): number[] {
  const rows: number[][] = [];
  covariance.forEach((entries, i) => {
    const row: number[] = [];
    for (let j = 0; j <= i; j++) {
      const rest = row.reduce((sum, entry, k) => sum - entry * (rows[j] ?? row)[k]!, entries[j]!);
      if (j === i) row.push(Math.sqrt(Math.max(rest, 0)));
      else row.push(rows[j]![j]! > 0 ? rest / rows[j]![j]! : 0);
    }
    rows.push(row);
  });
  return rows.flat();
}
