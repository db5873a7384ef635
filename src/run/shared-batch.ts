/** What a run has besides where all components share a batch: loaded with the first method that does. */
import type { BufferSet } from '../gpu/buffers.ts';
import type { KernelSource } from '../gpu/wgsl.ts';
import type { Grouping } from '../kernels/compose.ts';
import { derivativesOf } from '../kernels/estimator.ts';
import { logRatioKernel } from '../kernels/log-ratio.ts';
import { reweighKernel } from '../kernels/reweigh.ts';
import { comesTogether, freshInvocations, sharedSampleKernel } from '../kernels/shared-sample.ts';
import { LANES } from '../kernels/state.ts';
import type { Objective } from '../objective/objective.ts';
import { type Chunk, type SamplePlan, spaced } from '../sampler/plan.ts';
import type { Method } from './method.ts';
import type { Variants } from './variants.ts';

/** Whether fresh rows come from one component by eights. */
export const comeTogether = ({ sampling }: Method, { evaluations }: SamplePlan): boolean =>
  sampling !== 'own' && comesTogether(sampling, evaluations);

/** Rows that an invocation draws. */
const rowsTogether = (method: Method, plan: SamplePlan, { grouping: { size } }: Variants): Grouping['size'] =>
  comeTogether(method, plan) ? size : 1;

/** Workgroups that draw those of a chunk's rows that are among the `fresh` first ones. */
export function drawingWorkgroups(
  method: Method,
  plan: SamplePlan,
  variants: Variants,
): ({ firstSample, sampleCount }: Chunk, fresh: number) => number {
  const size = rowsTogether(method, plan, variants);
  return ({ firstSample, sampleCount }, fresh) =>
    Math.ceil(freshInvocations(firstSample, Math.min(firstSample + sampleCount, fresh), size) / LANES);
}

export function sharedSources(
  method: Method,
  { box: { dim }, boundary, text }: Objective,
  plan: SamplePlan,
  variants: Variants,
): Record<string, KernelSource> {
  const { covariance, estimator, sampling, batch } = method;
  const { moments, grouping, reweigh } = variants;
  const most = derivativesOf[estimator];
  const derivatives = most === 'hessian' ? 'gradient' : most;
  const proposal = sampling as Exclude<typeof sampling, 'own'>;
  const common = { dim, covariance, derivatives };
  return {
    sample: sharedSampleKernel({
      ...common,
      boundary,
      proposal,
      objective: text,
      together: comeTogether(method, plan),
      size: rowsTogether(method, plan, variants),
    }),
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
