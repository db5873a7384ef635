/** Kernel B: weighted sums of one reduction leaf. */
import matrixBlocks from '../../shaders/lib/matrix_blocks.wgsl?raw';
import matrixEntries from '../../shaders/lib/matrix_entries.wgsl?raw';
import placeRowDiagonal from '../../shaders/lib/place_row_diagonal.wgsl?raw';
import placeRowFull from '../../shaders/lib/place_row_full.wgsl?raw';
import termsHessian from '../../shaders/lib/terms_hessian.wgsl?raw';
import termsNone from '../../shaders/lib/terms_none.wgsl?raw';
import termsRanked from '../../shaders/lib/terms_ranked.wgsl?raw';
import termsScore from '../../shaders/lib/terms_score.wgsl?raw';
import termsStein from '../../shaders/lib/terms_stein.wgsl?raw';
import moments from '../../shaders/moments.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorModules, type Nodes, pairsModules, shared, weightModules } from './compose.ts';
import { derivativesOf, type Estimator } from './estimator.ts';
import { batch } from './rare.ts';
import { reduction } from './reduction.ts';
import { type Covariance, LEAF, pairs, reductionLanes } from './state.ts';

const terms: Record<Estimator, string> = {
  score: termsScore,
  stein: termsStein,
  hessian: termsHessian,
  ranked: termsRanked,
  quadratic: termsNone,
};

export interface MomentsSpec {
  dim: number;
  covariance: Covariance;
  estimator: Estimator;
  /** Samples are a shared batch with importance weights. */
  sharedBatch: boolean;
  /** Samples of the largest leaf. */
  leafSize: number;
  /** Where the Stein estimator centres: each leaf on its own mean, or all of them on one. */
  centre?: 'leaf' | 'whole';
  /** Whitened nodes come in one leaf, and the score estimator takes plain means of them. */
  nodes?: Nodes | undefined;
}

/** Matrix entries one workgroup takes. */
const TILE = 1024;

/** In a batch shared by many components most rows of a leaf count for few of them: those that do are listed. */
const isListed = (spec: MomentsSpec): boolean => spec.sharedBatch && spec.leafSize <= LEAF && spec.estimator !== 'quadratic';

/** Blocks of 4 x 4 entries in registers, where there are enough of them: a fixed rule, part of the result's bits. */
const isBlocked = (spec: MomentsSpec): boolean =>
  isListed(spec) && spec.estimator === 'stein' && spec.centre === 'whole' && spec.covariance === 'full' && spec.dim > 4;

function blockPairs({ dim }: MomentsSpec): number {
  const blocks = Math.ceil(dim / 4);
  return (blocks * (blocks + 1)) / 2;
}

function lanesOf(spec: MomentsSpec): number {
  if (isBlocked(spec)) return blockPairs(spec) <= 16 ? 16 : blockPairs(spec) <= 32 ? 32 : 64;
  return reductionLanes(Math.max(spec.leafSize, Math.min(pairs(spec.dim, spec.covariance), TILE)));
}

/** Workgroups a leaf takes. */
export const momentTiles = (spec: MomentsSpec): number =>
  isBlocked(spec) ? Math.ceil(blockPairs(spec) / lanesOf(spec)) : Math.ceil(pairs(spec.dim, spec.covariance) / TILE);

const slots = (outputs: number, lanes: number): number => Math.min(lanes, 2 ** Math.ceil(Math.log2(Math.max(outputs, 1))));

/** Reads the chunk's samples and the component (for the best point); writes `ms_parts`. */
export function momentsKernel(spec: MomentsSpec): KernelSource {
  const entries = Math.min(pairs(spec.dim, spec.covariance), TILE);
  const lanes = lanesOf(spec);
  const listed = isListed(spec);
  const blocked = isBlocked(spec);
  const sloped = derivativesOf[spec.estimator] !== 'value';
  return compose({
    label: 'moments',
    lanes,
    constants: {
      DIM: spec.dim,
      ms_LISTED: listed,
      ms_LIST: listed ? spec.leafSize : 1,
      ms_TERMS: spec.estimator !== 'quadratic',
      ms_WHOLE: spec.centre === 'whole',
      ...(spec.estimator === 'score' ? { ms_UNBIASED: spec.nodes !== 'whitened' } : {}),
      ms_GRADIENT_SLOTS: slots(spec.dim, lanes),
      ...(blocked ? {} : { ms_MATRIX_SLOTS: slots(entries, lanes) }),
    },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...declare('read', 'ms_components', 'ms_factors', 'ms_values', 'ms_eps'),
      ...declare('read', ...(sloped ? ['ms_slopes'] : []), ...(spec.sharedBatch ? ['ms_weights', 'ms_points'] : [])),
      ...declare('write', 'ms_parts'),
    ],
    modules: [
      shared.numbers,
      shared.state,
      ...factorModules(spec.covariance, spec.dim),
      spec.sharedBatch ? batch('placeRow') : spec.covariance === 'full' ? placeRowFull : placeRowDiagonal,
      ...pairsModules(spec.covariance),
      ...reduction(lanes),
      ...weightModules(spec.sharedBatch),
      terms[spec.estimator],
      blocked ? matrixBlocks : matrixEntries,
      moments,
    ],
  });
}
