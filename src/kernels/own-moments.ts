/** Kernel B with full covariance and without barriers: weighted sums of a leaf, one invocation a block of the matrix. */
import blockDraws from '../../shaders/lib/block_draws.wgsl?raw';
import blockSlopes from '../../shaders/lib/block_slopes.wgsl?raw';
import factorRanked from '../../shaders/lib/factor_ranked.wgsl?raw';
import factorScore from '../../shaders/lib/factor_score.wgsl?raw';
import placeRow from '../../shaders/lib/place_row_full.wgsl?raw';
import ownMoments from '../../shaders/own_moments.wgsl?raw';
import { compose, type KernelSource, type Module } from '../gpu/wgsl.ts';
import { declare, factorModules, pairsModules, shared, weightModules } from './compose.ts';
import type { Estimator } from './estimator.ts';
import { batch, blocks } from './rare.ts';

export interface OwnMomentsSpec {
  dim: number;
  estimator: 'score' | 'stein' | 'ranked';
  /** Samples are a shared batch with importance weights: the score estimator only. */
  sharedBatch?: boolean | undefined;
}

interface BlockSpec {
  dim: number;
  estimator: Estimator;
}

/** Entries of a block's side: 8 load half as much an entry, and are worth it where blocks are many. The Stein estimator sums two products an entry, of twice as many numbers. */
const side = ({ dim, estimator }: BlockSpec): 4 | 8 => (estimator !== 'stein' && dim > 16 ? 8 : 4);

function sums(spec: OwnMomentsSpec): Module[] {
  if (spec.estimator === 'stein') return [blockSlopes];
  return [spec.estimator === 'score' ? factorScore : factorRanked, side(spec) === 8 ? blocks('wideDraws') : blockDraws];
}

/** Invocations a leaf takes. */
export function momentBlocks(spec: BlockSpec): number {
  const blocks = Math.ceil(spec.dim / side(spec));
  return (blocks * (blocks + 1)) / 2;
}

/** Reads the chunk's samples and the component (for the best point); writes `ms_parts`. */
export function ownMomentsKernel(spec: OwnMomentsSpec): KernelSource {
  const { dim, estimator, sharedBatch = false } = spec;
  return compose({
    label: 'moments',
    constants: { DIM: dim, ms_SIDE: side(spec), ms_SHARED_BATCH: sharedBatch },
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
      sharedBatch ? batch('placeRow') : placeRow,
      ...pairsModules('full'),
      ...weightModules(sharedBatch),
      ...sums(spec),
      ownMoments,
    ],
  });
}
