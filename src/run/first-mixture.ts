/** The records and factors of a first mixture whose covariances are diagonal, as the kernels lay them out. */
import { bestPointOffset, type Covariance, field, NO_VALUE, pairs, recordSize } from '../kernels/state.ts';
import type { Start } from '../mixture/start.ts';

export function firstMixture(start: Start, dim: number, components: number, covariance: Covariance) {
  const entries = pairs(dim, covariance);
  const record = recordSize(dim);
  const rows = new Float32Array(components * record);
  const factors = new Float32Array(2 * entries * components);
  for (let k = 0; k < components; k++) {
    const at = k * record;
    rows[at + field.logWeight] = start.logWeights?.[k] ?? -Math.log(components);
    rows[at + field.stepFactor] = 1;
    rows[at + field.id] = k;
    rows[at + field.best] = NO_VALUE;
    for (let i = 0; i < dim; i++) {
      const mean = start.means[k * dim + i]!;
      rows[at + field.mean + i] = mean;
      rows[at + bestPointOffset(dim) + i] = mean;
    }
    if (!start.deviations) continue;
    let logNorm = -0.5 * dim * Math.log(2 * Math.PI);
    let trace = 0;
    for (let i = 0; i < dim; i++) {
      const deviation = start.deviations[k * dim + i]!;
      const entry = covariance === 'full' ? (i * (i + 1)) / 2 + i : i;
      factors[2 * entries * k + entry] = deviation;
      factors[2 * entries * k + entries + entry] = 1 / deviation;
      logNorm -= Math.log(deviation);
      trace += deviation * deviation;
    }
    rows[at + field.logNorm] = logNorm;
    rows[at + field.deviation] = Math.sqrt(trace / dim);
  }
  return { rows, factors };
}
