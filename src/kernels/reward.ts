/** The second phase of methods that weigh by rewards: E_k[f] over the rows of the batch by the updated components' weights, leaf by leaf. */
import reuseComponent from '../../shaders/lib/reuse_component.wgsl?raw';
import reuseMixture from '../../shaders/lib/reuse_mixture.wgsl?raw';
import reward from '../../shaders/reward.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';
import { batch } from './rare.ts';
import { reduction } from './reduction.ts';
import { REWARD_PART } from './state.ts';

export interface RewardSpec {
  dim: number;
  /** For whom rows are reused: each component, or the mixture that draws them. */
  reuseFor: 'component' | 'mixture';
}

const REWARD_LANES = 16;

/** Reads `ms_values`, `ms_weights`; writes `ms_rewards`. */
export function rewardKernel(spec: RewardSpec): KernelSource {
  return compose({
    label: 'reward',
    lanes: REWARD_LANES,
    constants: { DIM: spec.dim, ms_REWARD_PART: REWARD_PART },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...declare('read', 'ms_values', 'ms_weights'),
      ...declare('write', 'ms_rewards'),
    ],
    modules: [
      ...Object.values(shared),
      batch('ring'),
      batch('weightIndex'),
      ...reduction(REWARD_LANES),
      spec.reuseFor === 'mixture' ? reuseMixture : reuseComponent,
      reward,
    ],
  });
}
