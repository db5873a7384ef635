/** The second phase of methods that weigh by rewards: E_k[f] over the rows of the batch by the updated components, leaf by leaf. */
import density from '../../shaders/lib/density.wgsl?raw';
import reduce from '../../shaders/lib/reduce.wgsl?raw';
import reuseComponent from '../../shaders/lib/reuse_component.wgsl?raw';
import reuseMixture from '../../shaders/lib/reuse_mixture.wgsl?raw';
import rowWeight from '../../shaders/lib/row_weight.wgsl?raw';
import reward from '../../shaders/reward.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, drawModules, factorModules, ringModule, shared } from './compose.ts';
import { type Covariance, REWARD_PART } from './state.ts';

export interface RewardSpec {
  dim: number;
  covariance: Covariance;
  /** A component takes the rows it drew itself and no others. */
  ownRows: boolean;
  /** For whom rows are reused: each component, or the mixture that draws them. */
  reuseFor: 'component' | 'mixture';
}

/** Reads `ms_components`, `ms_factors`, `ms_values`, `ms_points`; writes `ms_rewards`. */
export function rewardKernel(spec: RewardSpec): KernelSource {
  return compose({
    label: 'reward',
    lanes: 16,
    constants: { DIM: spec.dim, ms_SHARES: false, ms_OWN_ROWS: spec.ownRows, ms_REWARD_PART: REWARD_PART },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...declare('read', 'ms_components', 'ms_factors', 'ms_values', 'ms_points'),
      ...declare('write', 'ms_rewards'),
    ],
    modules: [
      ...Object.values(shared),
      ...factorModules(spec.covariance, spec.dim),
      density,
      ...drawModules(spec.dim),
      ringModule,
      reduce,
      rowWeight,
      spec.reuseFor === 'mixture' ? reuseMixture : reuseComponent,
      reward,
    ],
  });
}
