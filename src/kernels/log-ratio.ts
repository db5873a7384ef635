/**
 * Stage 3 for a shared batch: f = l - omega log q at every row, its gradient, the proposal's log density at fresh rows, and every row's
 * importance weight for every component.
 */
import density from '../../shaders/lib/density.wgsl?raw';
import forget from '../../shaders/lib/forget.wgsl?raw';
import logRatioGradient from '../../shaders/lib/log_ratio_gradient.wgsl?raw';
import logRatioValue from '../../shaders/lib/log_ratio_value.wgsl?raw';
import past from '../../shaders/lib/past.wgsl?raw';
import remember from '../../shaders/lib/remember.wgsl?raw';
import rowWeight from '../../shaders/lib/row_weight.wgsl?raw';
import seeWeights from '../../shaders/lib/see_weights.wgsl?raw';
import logRatio from '../../shaders/log_ratio.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorBindings, type Grouping, readsByQuads, shared, startModule, togetherModules } from './compose.ts';
import { keepSlopesModule, rowModules, rowWeightsModule } from './rows.ts';
import type { Proposal } from './shared-sample.ts';
import type { Covariance } from './state.ts';
import { unrolled } from './unroll.ts';

export interface LogRatioSpec {
  dim: number;
  covariance: Covariance;
  derivatives: 'value' | 'gradient';
  proposal: Proposal;
  /** A component takes the rows it drew itself and no others. */
  ownRows?: boolean;
  /** The components have been updated since: only f and the weights are made anew. */
  again?: boolean;
  /** Fresh rows go into the store of past samples: `again` only. */
  remember?: boolean;
  /** Default: one row an invocation. */
  grouping?: Grouping | undefined;
}

/**
 * Reads `ms_components`, `ms_factors`, `ms_points`, `ms_point_slopes`; writes f and log proposal into `ms_values`, `ms_weights`, grad f into
 * `ms_row_slopes`, and `ms_past`.
 */
export function logRatioKernel(spec: LogRatioSpec): KernelSource {
  const gradient = spec.derivatives === 'gradient';
  const byQuads = readsByQuads(spec.covariance, spec.grouping);
  return compose({
    label: spec.again ? 'log ratio again' : 'log ratio',
    subgroups: byQuads,
    constants: {
      DIM: spec.dim,
      ms_SHARES: spec.proposal !== 'mixture' && !spec.again,
      ms_AGAIN: spec.again ?? false,
      ms_OWN_ROWS: spec.ownRows ?? false,
    },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...factorBindings(spec.covariance, spec.grouping),
      ...declare('read', 'ms_points', ...(gradient ? ['ms_point_slopes'] : [])),
      ...declare('write', 'ms_values', 'ms_weights', ...(gradient ? ['ms_row_slopes'] : []), ...(spec.remember ? ['ms_past'] : [])),
    ],
    modules: [
      ...Object.values(shared),
      startModule(byQuads),
      ...togetherModules(spec.covariance, spec.dim, spec.grouping),
      ...unrolled(spec.dim, [density]),
      seeWeights,
      ...rowModules(spec.grouping),
      rowWeightsModule(spec.grouping),
      rowWeight,
      ...(gradient ? [keepSlopesModule(spec.grouping), logRatioGradient] : [logRatioValue]),
      ...(spec.remember ? [past, remember] : [forget]),
      logRatio,
    ],
  });
}
