/**
 * What a run has besides where the GPU counts out the samples of each iteration: a second phase, by rewards, and components that come and
 * go. Loaded with the first method that has it.
 */
import type { BufferSet } from '../gpu/buffers.ts';
import { gridOf } from '../gpu/pipelines.ts';
import type { KernelSource } from '../gpu/wgsl.ts';
import { adaptKernel, historySize } from '../kernels/adapt.ts';
import { logRatioKernel } from '../kernels/log-ratio.ts';
import { pastDensityKernel, pastSize, pastWorkgroups } from '../kernels/past.ts';
import { rewardKernel } from '../kernels/reward.ts';
import { REWARD_PART } from '../kernels/state.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import type { Command, CommandMaker } from './command.ts';
import type { Method } from './method.ts';
import type { Variants } from './variants.ts';

export function allottedSources(
  { covariance, sampling, batch, adapt }: Method,
  dim: number,
  capacity: number,
  { grouping }: Variants,
): Record<string, KernelSource> {
  const proposal = sampling as Exclude<typeof sampling, 'own'>;
  const reuseFor = proposal === 'mixture' ? 'mixture' : 'component';
  const again = { again: true, remember: adapt !== undefined, ownRows: batch?.ownRows ?? false };
  return {
    'log ratio again': logRatioKernel({ dim, covariance, derivatives: 'value', proposal, grouping, ...again }),
    reward: rewardKernel({ dim, reuseFor }),
    adapt: adaptKernel({ dim, covariance, adaptive: adapt !== undefined, proposal: reuseFor, capacity }),
    ...(adapt && { 'past density': pastDensityKernel({ dim, covariance }) }),
  };
}

export function allottedBuffers(
  buffers: BufferSet,
  { adapt }: Method,
  dim: number,
  { leaves, pastRows }: SamplePlan,
  capacity: number,
): Record<string, GPUBuffer> {
  return {
    ms_rewards: buffers.create('rewards', capacity * leaves * REWARD_PART),
    ...(adapt && {
      ms_history: buffers.create('history', historySize(capacity, adapt.removeAfter)),
      ms_past: buffers.create('past samples', pastSize(dim, pastRows)),
      ms_past_density: buffers.create('densities of past samples', pastRows),
    }),
  };
}

/** After the update: the same samples with the components as they are now. */
export const rewardCommands = (maker: CommandMaker, uniform: Record<string, GPUBuffer>, perRow: Command['workgroups']): Command[] => [
  maker.make('log ratio again', uniform, perRow),
  maker.make('reward', uniform, ({ components, leaves }) => gridOf(components * leaves)),
];

/** After the control kernel, which may have stopped the run. */
export const adaptCommands = (maker: CommandMaker, { adapt }: Method, { pastRows }: SamplePlan): Command[] => [
  ...(adapt ? [maker.make('past density', {}, () => pastWorkgroups(pastRows))] : []),
  maker.make('adapt', {}, () => ({ x: 1, y: 1 })),
];
