/** From the archive to the modes of a result: covariances at temperature 1, Laplace shares, the user's sign. */
import type { Evaluator } from '../objective/evaluator.ts';
import type { ListedMode } from '../result/archive.ts';
import { curvatureCovariance, laplaceWeights } from '../result/laplace.ts';
import type { Bounds } from '../result/polish.ts';
import type { Mode } from '../result/types.ts';
import { matrixRows } from './snapshot.ts';

/** What a search knows of a mode from the component that led to it. */
export interface Found {
  /** Its covariance over omega, row by row. */
  covariance?: Float64Array | undefined;
  componentWeight?: number | undefined;
}

/** Up to here a mode's curvature is taken by differences (2 d^2 evaluations). */
const CURVATURE_DIM = 16;
const CURVATURE_MODES = 512;

/**
 * Curvatures by differences where `affordable` evaluations suffice, for all modes alike so that their weights compare; else a
 * component's covariance over omega, a noisy estimate of the same; else the scale of the search around it.
 */
export async function describeModes(
  evaluator: Evaluator,
  listed: readonly ListedMode<Found>[],
  sense: 1 | -1,
  bounds: Bounds | undefined,
  affordable: number,
): Promise<Mode[]> {
  const { dim } = evaluator;
  const cost = listed.length * (2 * dim * dim + 2 * dim + 2);
  const byDifferences = dim <= CURVATURE_DIM && listed.length <= CURVATURE_MODES && cost <= affordable;
  const covariances: Float64Array[] = [];
  for (const mode of listed) {
    const covariance = byDifferences ? await curvatureCovariance(evaluator, mode.x, mode.scale, bounds) : undefined;
    covariances.push(covariance ?? mode.meta?.covariance ?? diagonal(mode.scale));
  }
  const weights = laplaceWeights(listed.map(({ value }, i) => ({ value, covariance: matrixRows(covariances[i]!, dim) })));
  return listed.map((mode, i) => ({
    x: Array.from(mode.x),
    value: sense * mode.value,
    global: mode.global,
    covariance: matrixRows(covariances[i]!, dim),
    weight: weights[i]!,
    componentWeight: mode.meta?.componentWeight,
    polished: evaluator.precision,
    found: mode.count,
    foundAt: mode.foundAt,
  }));
}

function diagonal(scale: Float64Array): Float64Array {
  const dim = scale.length;
  const matrix = new Float64Array(dim * dim);
  scale.forEach((s, i) => {
    matrix[i * dim + i] = s * s;
  });
  return matrix;
}
