/** The buffers of a run, by the names under which kernels bind them. */
import type { BufferSet } from '../gpu/buffers.ts';
import { packedRoom } from '../kernels/compose.ts';
import { derivativesOf } from '../kernels/estimator.ts';
import {
  controlLayout,
  momentSize,
  pack,
  pairs,
  paramsLayout,
  partSize,
  recordSize,
  TRACE_ROW,
  TRACE_ROWS,
  zeroControl,
} from '../kernels/state.ts';
import { needsScratch } from '../kernels/update.ts';
import { boxRows } from '../objective/box.ts';
import type { Objective } from '../objective/objective.ts';
import { type SamplePlan, spaced } from '../sampler/plan.ts';
import type { LoadedKernels } from './load-kernels.ts';
import type { Method } from './method.ts';
import { packs, type Variants } from './variants.ts';

/** Floats of the slopes of one sample. */
export const slopeRows = (method: Method, dim: number): number =>
  derivativesOf[method.estimator] === 'hessian' ? dim + pairs(dim, method.covariance) : dim;

/** @param capacity most components there can be */
export function allocate(
  buffers: BufferSet,
  method: Method,
  objective: Objective,
  plan: SamplePlan,
  capacity: number,
  variants: Variants,
  { rank, regress, shared: sharedBatch, allotted }: LoadedKernels,
) {
  const create = (label: string, contents: Parameters<BufferSet['create']>[1]) => buffers.create(label, contents);
  const { covariance, estimator, sampling } = method;
  const { dim } = objective.box;
  const entries = pairs(dim, covariance);
  const derivatives = derivativesOf[estimator];
  const shared = sampling !== 'own';
  const sloped = derivatives !== 'value';
  const named: Record<string, GPUBuffer> = {
    ms_control: create('control', pack(controlLayout, { ...zeroControl, stop: 1 })),
    ms_params: create('params', 1 + Object.keys(paramsLayout).length),
    ms_box: create('box', boxRows(objective.box)),
    ms_components: create('components', capacity * recordSize(dim)),
    ms_factors: create('factors', 2 * entries * capacity),
    ms_parts: create('parts', capacity * plan.leaves * partSize(dim, covariance)),
    ms_moments: create('moments', capacity * momentSize(dim, covariance)),
    ms_trace: create('trace', TRACE_ROWS * TRACE_ROW),
  };
  if (variants.moments !== 'whole') named.ms_values = create('values', 4 * (shared ? plan.samples : capacity * plan.samples));
  // Neither kernel hands draws on to another.
  const whitened = variants.moments === 'blocks' || variants.moments === 'leaves';
  if (whitened || (variants.keepDraws && !shared)) named.ms_eps = create('eps', spaced(plan.chunkSize) * dim);
  if (variants.density === 'tiles') named.ms_points = create('points', spaced(plan.chunkSize) * dim);
  if (packs(method, variants)) named.ms_packed = create('packed parameters', 4 * packedRoom(dim, capacity, variants.grouping));
  if (sloped && whitened) named.ms_slopes = create('slopes', spaced(plan.chunkSize) * slopeRows(method, dim));
  if (needsScratch({ dim, covariance })) named.ms_scratch = create('scratch', capacity * entries);
  if (regress) {
    const { componentCount, sampleCount } = plan.batches[0]!.chunks[0]!;
    named.ms_gram = create('Gram matrices', componentCount * regress.gramSize(dim, covariance));
    named.ms_rows_of = create('rows of components', componentCount * regress.rowsOfSize(sampleCount));
    named.ms_fit = create('fits', componentCount * regress.fitSize(dim, covariance, sampleCount));
  }
  if (sharedBatch) Object.assign(named, sharedBatch.sharedBuffers(buffers, method, dim, plan, capacity));
  if (allotted) Object.assign(named, allotted.allottedBuffers(buffers, method, dim, plan, capacity));
  if (rank) {
    const words = rank.rankWords(shared ? 1 : capacity, plan.samples);
    named.ms_order = create('ranks', words);
  }
  if (objective.kind !== 'wgsl') {
    const points = shared ? plan.batchSize : plan.chunkSize;
    named.ms_user_points = create('user points', points * dim);
    named.ms_loaded_values = create('loaded values', points);
    if (sloped) named.ms_loaded_gradients = create('loaded gradients', points * dim);
  }
  for (const [name, array] of Object.entries(objective.data)) named[name] = create(name, new Float32Array(array));
  return named;
}
