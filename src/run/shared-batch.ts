/** What a run has besides where all components share a batch: loaded with the first method that does. */
import type { BufferSet } from '../gpu/buffers.ts';
import type { KernelSource } from '../gpu/wgsl.ts';
import { derivativesOf } from '../kernels/estimator.ts';
import { logRatioKernel } from '../kernels/log-ratio.ts';
import { reweighKernel } from '../kernels/reweigh.ts';
import { sharedSampleKernel } from '../kernels/shared-sample.ts';
import type { Objective } from '../objective/objective.ts';
import { type SamplePlan, spaced } from '../sampler/plan.ts';
import type { Method } from './method.ts';
import type { Variants } from './variants.ts';

export function sharedSources(
  { covariance, estimator, sampling, batch }: Method,
  { box: { dim }, boundary, text }: Objective,
  { moments, grouping, reweigh }: Variants,
): Record<string, KernelSource> {
  const most = derivativesOf[estimator];
  const derivatives = most === 'hessian' ? 'gradient' : most;
  const proposal = sampling as Exclude<typeof sampling, 'own'>;
  const common = { dim, covariance, derivatives };
  return {
    sample: sharedSampleKernel({ ...common, boundary, proposal, objective: text }),
    'log ratio': logRatioKernel({ ...common, proposal, ownRows: batch?.ownRows ?? false, grouping }),
    ...(moments === 'components' ? {} : { reweigh: reweighKernel({ ...common, grouping: reweigh }) }),
  };
}

export function sharedBuffers(
  buffers: BufferSet,
  { estimator }: Method,
  dim: number,
  { batchSize }: SamplePlan,
  capacity: number,
): Record<string, GPUBuffer> {
  const rows = spaced(batchSize);
  return {
    ms_weights: buffers.create('weights', capacity * rows),
    ms_points: buffers.create('points', rows * dim),
    ...(derivativesOf[estimator] !== 'value' && {
      ms_point_slopes: buffers.create('point slopes', rows * dim),
      ms_row_slopes: buffers.create('row slopes', rows * dim),
    }),
  };
}
