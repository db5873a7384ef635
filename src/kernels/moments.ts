/** Kernel B: weighted sums of one reduction leaf. */
import placeRowDiagonal from '../../shaders/lib/place_row_diagonal.wgsl?raw';
import placeRowFull from '../../shaders/lib/place_row_full.wgsl?raw';
import reduce from '../../shaders/lib/reduce.wgsl?raw';
import termsHessian from '../../shaders/lib/terms_hessian.wgsl?raw';
import termsNone from '../../shaders/lib/terms_none.wgsl?raw';
import termsRanked from '../../shaders/lib/terms_ranked.wgsl?raw';
import termsScore from '../../shaders/lib/terms_score.wgsl?raw';
import termsStein from '../../shaders/lib/terms_stein.wgsl?raw';
import moments from '../../shaders/moments.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { type Derivatives, declare, factorModule, pairsModule, shared, weightModules } from './compose.ts';
import { type Covariance, LEAF, pairs, reductionLanes } from './state.ts';

/** `quadratic`: g and G are fitted by kernels of their own (regress.ts); here only counts, means and the best point. */
export type Estimator = 'score' | 'stein' | 'hessian' | 'ranked' | 'quadratic';

/** What of the objective each estimator reads. */
export const derivativesOf: Record<Estimator, Derivatives> = {
  score: 'value',
  ranked: 'value',
  stein: 'gradient',
  hessian: 'hessian',
  quadratic: 'value',
};

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
}

/** Matrix entries one workgroup takes. */
const TILE = 1024;
export const momentTiles = (spec: Pick<MomentsSpec, 'dim' | 'covariance'>): number => Math.ceil(pairs(spec.dim, spec.covariance) / TILE);

const slots = (outputs: number, lanes: number): number => Math.min(lanes, 2 ** Math.ceil(Math.log2(Math.max(outputs, 1))));

/** Reads the chunk's samples and the component (for the best point); writes `ms_parts`. */
export function momentsKernel(spec: MomentsSpec): KernelSource {
  const entries = Math.min(pairs(spec.dim, spec.covariance), TILE);
  const lanes = reductionLanes(Math.max(spec.leafSize, entries));
  // In a batch shared by many components most rows count for few of them.
  const listed = spec.sharedBatch && spec.leafSize <= LEAF;
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
      ms_GRADIENT_SLOTS: slots(spec.dim, lanes),
      ms_MATRIX_SLOTS: slots(entries, lanes),
    },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...declare('read', 'ms_components', 'ms_factors', 'ms_values', 'ms_eps'),
      ...declare('read', ...(sloped ? ['ms_slopes'] : []), ...(spec.sharedBatch ? ['ms_weights'] : [])),
      ...declare('write', 'ms_parts'),
    ],
    modules: [
      shared.numbers,
      shared.state,
      factorModule(spec.covariance, spec.dim),
      spec.covariance === 'full' ? placeRowFull : placeRowDiagonal,
      pairsModule(spec.covariance),
      reduce,
      ...weightModules(spec.sharedBatch),
      terms[spec.estimator],
      moments,
    ],
  });
}
