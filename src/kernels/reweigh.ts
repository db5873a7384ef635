/** A shared batch as each component sees it: whitened draws and gradients of the rows that count for it. */
import keepDraws from '../../shaders/lib/keep_draws.wgsl?raw';
import reweighGradient from '../../shaders/lib/reweigh_gradient.wgsl?raw';
import reweighValue from '../../shaders/lib/reweigh_value.wgsl?raw';
import reweigh from '../../shaders/reweigh.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorBindings, factorModules, type Grouping, shared } from './compose.ts';
import { batch } from './rare.ts';
import { rowModules } from './rows.ts';
import type { Covariance } from './state.ts';

export interface ReweighSpec {
  dim: number;
  covariance: Covariance;
  derivatives: 'value' | 'gradient';
  /** Default: one row an invocation. */
  grouping?: Grouping | undefined;
}

/** Reads `ms_components`, `ms_factors`, `ms_weights`, `ms_points`, `ms_row_slopes`; writes `ms_eps`, `ms_slopes`. */
export function reweighKernel(spec: ReweighSpec): KernelSource {
  const gradient = spec.derivatives === 'gradient';
  return compose({
    label: 'reweigh',
    constants: { DIM: spec.dim },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...factorBindings(spec.covariance, spec.grouping),
      ...declare('read', 'ms_weights', 'ms_points', ...(gradient ? ['ms_row_slopes'] : [])),
      ...declare('write', 'ms_eps', ...(gradient ? ['ms_slopes'] : [])),
    ],
    modules: [
      ...Object.values(shared),
      ...factorModules(spec.covariance, spec.dim, spec.grouping),
      ...rowModules(spec.grouping, gradient),
      keepDraws,
      batch('weightIndex'),
      gradient ? reweighGradient : reweighValue,
      reweigh,
    ],
  });
}
