/** Kernel B with full covariance and without barriers: weighted sums of a leaf, one invocation a block of the matrix. */
import blockDraws from '../../shaders/lib/block_draws.wgsl?raw';
import blockSlopes from '../../shaders/lib/block_slopes.wgsl?raw';
import factorRanked from '../../shaders/lib/factor_ranked.wgsl?raw';
import factorScore from '../../shaders/lib/factor_score.wgsl?raw';
import placeRow from '../../shaders/lib/place_row_full.wgsl?raw';
import placeRowShared from '../../shaders/lib/place_row_shared.wgsl?raw';
import ownMoments from '../../shaders/own_moments.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorModules, pairsModules, shared, weightModules } from './compose.ts';

export interface OwnMomentsSpec {
  dim: number;
  estimator: 'score' | 'stein' | 'ranked';
  /** Samples are a shared batch with importance weights: the score estimator only. */
  sharedBatch?: boolean | undefined;
}

const sums = { score: [factorScore, blockDraws], ranked: [factorRanked, blockDraws], stein: [blockSlopes] } as const;

/** Invocations a leaf takes. */
export function momentBlocks(dim: number): number {
  const blocks = Math.ceil(dim / 4);
  return (blocks * (blocks + 1)) / 2;
}

/** Reads the chunk's samples and the component (for the best point); writes `ms_parts`. */
export function ownMomentsKernel({ dim, estimator, sharedBatch = false }: OwnMomentsSpec): KernelSource {
  return compose({
    label: 'moments',
    constants: { DIM: dim, ms_SHARED_BATCH: sharedBatch },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...declare(
        'read',
        'ms_components',
        'ms_factors',
        'ms_values',
        'ms_eps',
        ...(estimator === 'stein' ? ['ms_slopes'] : []),
        ...(sharedBatch ? ['ms_weights', 'ms_points'] : []),
      ),
      ...declare('write', 'ms_parts'),
    ],
    modules: [
      shared.numbers,
      shared.state,
      ...factorModules('full', dim),
      sharedBatch ? placeRowShared : placeRow,
      ...pairsModules('full'),
      ...weightModules(sharedBatch),
      ...sums[estimator],
      ownMoments,
    ],
  });
}
