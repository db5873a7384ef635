/**
 * The zero-order estimator MORE (Arenz 2018; GMMVI): per component a weighted ridge regression of f = l - omega log q on quadratic
 * features of the whitened draw z, f ~ 1/2 z^T G z + g^T z + c, which gives the whitened moments g and G without derivatives.
 *
 * Three kernels, for every chunk of components in this order, after `reweigh` and before `update`: `select` lists the rows that
 * matter to a component, `gram` multiplies their features (the costly part, rows F^2 / 2 a component), `solve` factorises.
 */
import regress from '../../shaders/lib/regress.wgsl?raw';
import regressCholesky from '../../shaders/lib/regress_cholesky.wgsl?raw';
import regressGram from '../../shaders/regress_gram.wgsl?raw';
import regressSelect from '../../shaders/regress_select.wgsl?raw';
import regressSolve from '../../shaders/regress_solve.wgsl?raw';
import { LimitError } from '../gpu/errors.ts';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, pairsModules, shared, weightModules } from './compose.ts';
import { features } from './estimator.ts';
import { reduction } from './reduction.ts';
import { type Covariance, LANES } from './state.ts';

export interface RegressSpec {
  dim: number;
  covariance: Covariance;
  /** Rows are a shared batch with importance weights. */
  sharedBatch: boolean;
}

type Shape = Pick<RegressSpec, 'dim' | 'covariance'>;

/** The largest d of a full quadratic: 666 features, of which a component needs as many effective samples. */
export const MAX_FIT_DIM = 35;

/** Floats of `ms_gram`, a component of the chunk: a packed triangle of the features and, as its last row, the values. */
export function gramSize(dim: number, covariance: Covariance): number {
  const columns = features(dim, covariance) + 1;
  return (columns * (columns + 1)) / 2;
}

/** 4-byte words of `ms_rows_of`, a component of the chunk, for the `sample_count` rows of the chunk. */
export const rowsOfSize = (rows: number): number => 4 * (rows + 1);

/** Floats of `ms_fit`, a component of the chunk: coefficients, right side, diagonal, and a residual a row. */
export const fitSize = (dim: number, covariance: Covariance, rows: number): number => 3 * features(dim, covariance) + rows;

const tileRows = (shape: Shape, tile: number): number => Math.ceil((features(shape.dim, shape.covariance) + 1) / tile);

/**
 * Side of the part of the Gram matrix that one workgroup takes. Large ones load less for what they multiply, small ones hold less
 * that is not asked for, and let lanes share out the rows.
 */
function tileOf(shape: Shape): number {
  const cost = (tile: number): number => tileRows(shape, tile) * (tileRows(shape, tile) + 1) * (tile * tile + 16 * tile);
  return [8, 16, 32, 64].reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
}

/** Workgroups a component of the chunk. */
export function regressWorkgroups(shape: Shape): { select: number; gram: number; solve: number } {
  const side = tileRows(shape, tileOf(shape));
  return { select: 1, gram: (side * (side + 1)) / 2, solve: 1 };
}

/**
 * @param maxBinding bytes a storage binding may have: a component's Gram matrix has to fit one
 * @throws LimitError where a quadratic has too many features to be fitted
 */
export function checkFit(dim: number, covariance: Covariance, maxBinding = 2 ** 27): void {
  if (covariance === 'full' && dim > MAX_FIT_DIM) {
    throw new LimitError(
      `A full quadratic in ${dim} dimensions has ${features(dim, covariance)} features, each of which needs an effective sample of every component: ` +
        `the fit goes up to ${MAX_FIT_DIM} dimensions. Use the Stein estimator (it needs gradients) or diagonal covariances.`,
      'fit dimensions',
      dim,
      MAX_FIT_DIM,
      MAX_FIT_DIM,
    );
  }
  const bytes = 4 * gramSize(dim, covariance);
  if (bytes > maxBinding) {
    let largest = dim;
    while (4 * gramSize(largest, covariance) > maxBinding) largest--;
    throw new LimitError(
      `The quadratic fit in ${dim} dimensions takes ${bytes} bytes a component, and a storage binding has at most ${maxBinding} here: ` +
        `it goes up to ${largest} dimensions. Use the Stein estimator (it needs gradients).`,
      'maxStorageBufferBindingSize',
      bytes,
      maxBinding,
      largest,
    );
  }
}

/** Many for many features; few for few, since a software adapter pays for every lane at every barrier. */
const solveLanes = (count: number): number => (count <= 16 ? 16 : count <= 256 ? 64 : 256);

/**
 * Scratch, all by the component's place in the chunk: `ms_rows_of`, `ms_gram`, `ms_fit`. The chunk holds all rows of its components.
 * Writes the components' part of `ms_moments` (g, then G) and the record's `fit` status: zeros, and `status.features` where the
 * effective sample size is below the number of features or `status.fit` where the normal equations could not be factorised.
 *
 * The ridge is the record's, and counts as in a fit of plain features and weights that sum to 1. float32 needs more than the 1e-12
 * that is usual in float64: each diagonal entry of the Gram matrix grows by at least 1e-5 of itself before it is factorised, below
 * which rounding would settle what the rows leave open (and, at 231 features, lose pivots). One refinement on the residuals of the
 * rows, with the ridge as it is, takes the difference out again wherever the rows determine the fit (1e-6 of the largest
 * moment at 1.2 effective samples a feature). So a ridge below 1e-5 changes little, and one that is to mend a failed factorisation
 * has to be above: adapt it between 1e-5 and 1e-2, say, rather than between 1e-12 and 1e-6.
 */
export function regressKernels(spec: RegressSpec): { select: KernelSource; gram: KernelSource; solve: KernelSource } {
  const count = features(spec.dim, spec.covariance);
  const DIM = spec.dim;
  const uniforms = declare('uniform', 'ms_control', 'ms_params', 'ms_chunk');
  const modules = [shared.numbers, shared.state, ...pairsModules(spec.covariance)];
  const lanes = solveLanes(count);
  return {
    select: compose({
      label: 'regress: select',
      lanes: LANES,
      constants: { DIM },
      bindings: [
        ...uniforms,
        ...declare('read', 'ms_values', ...(spec.sharedBatch ? ['ms_weights'] : [])),
        ...declare('write', 'ms_rows_of'),
      ],
      modules: [...modules, ...reduction(LANES), ...weightModules(spec.sharedBatch), regressSelect],
    }),
    gram: compose({
      label: 'regress: gram',
      lanes: LANES,
      constants: { DIM, ms_TILE: tileOf(spec) },
      bindings: [...uniforms, ...declare('read', 'ms_eps', 'ms_rows_of'), ...declare('write', 'ms_gram')],
      modules: [...modules, regress, regressGram],
    }),
    solve: compose({
      label: 'regress: solve',
      lanes,
      constants: { DIM, ms_FULL: spec.covariance === 'full', ms_SLOTS: Math.min(lanes, 2 ** Math.ceil(Math.log2(count))) },
      bindings: [
        ...uniforms,
        ...declare('read', 'ms_eps', 'ms_rows_of'),
        ...declare('write', 'ms_components', 'ms_moments', 'ms_gram', 'ms_fit'),
      ],
      modules: [...modules, ...reduction(lanes), regress, regressCholesky, regressSolve],
    }),
  };
}
