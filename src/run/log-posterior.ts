/** The log posterior of an inverse problem as an objective for methods that look at nothing else: passes around the forward model's. */
import { BufferSet } from '../gpu/buffers.ts';
import { compile, gridOf, type Pipeline } from '../gpu/pipelines.ts';
import { logPosteriorKernel, membersKernel } from '../kernels/forward.ts';
import { batchLayout, LANES, pack } from '../kernels/state.ts';
import type { Objective, ObjectiveBatch } from '../objective/objective.ts';
import { packTriangle } from './forward-iterations.ts';
import type { ForwardRun } from './forward-run.ts';

export interface LogPosterior {
  readonly objective: Objective;
  dispose(): void;
}

/** log of likelihood times prior, both normalised, over unconstrained coordinates: its integral is the evidence. */
export async function logPosterior(forward: ForwardRun): Promise<LogPosterior> {
  const { gpu, model, members } = forward;
  const { device } = gpu;
  const { dim, prior, noise, box } = model;
  let logNorm = noise.logNorm;
  if (prior.proper) {
    logNorm -= 0.5 * dim * Math.log(2 * Math.PI);
    prior.deviation.forEach((deviation, i) => {
      logNorm -= Math.log(deviation) - Math.log(prior.correlation?.inverse[i * dim + i] ?? 1);
    });
  }
  const sources = [
    membersKernel({ dim, source: 'point' }),
    logPosteriorKernel({ dim, proper: prior.proper, correlated: prior.correlation !== undefined, logNorm }),
  ];
  const [place, weigh] = (await Promise.all(sources.map((source) => compile(device, source)))) as [Pipeline, Pipeline];
  const buffers = new BufferSet(device);
  const named: Record<string, GPUBuffer> = {
    ...forward.named,
    ms_points: buffers.create('points', members * dim),
    ms_values: buffers.create('values', members),
  };
  if (prior.correlation) named.ms_prior = buffers.create('prior', packTriangle(prior.correlation.inverse, dim));
  const bound = new Map<number, [GPUBindGroup, GPUBindGroup]>();
  const groupsOf = (count: number) => {
    const known = bound.get(count);
    if (known) return known;
    const ms_batch = buffers.create('batch', pack(batchLayout, { count, grid_width: 0, components: 0, spare: 0 }));
    const groups = [place.bind({ ...named, ms_batch }), weigh.bind({ ...named, ms_batch })] as [GPUBindGroup, GPUBindGroup];
    bound.set(count, groups);
    return groups;
  };
  const encodePlaces = (encoder: GPUCommandEncoder, batch: ObjectiveBatch, first: number, count: number) => {
    encoder.copyBufferToBuffer(batch.points, 4 * first * dim, named.ms_points!, 0, 4 * count * dim);
    const pass = encoder.beginComputePass({ label: 'members' });
    place.encode(pass, groupsOf(count)[0], gridOf(Math.ceil((count * dim) / LANES)));
    pass.end();
  };
  const encodeValues = (encoder: GPUCommandEncoder, batch: ObjectiveBatch, first: number, count: number) => {
    const pass = encoder.beginComputePass({ label: 'log posterior' });
    forward.encodeMisfits(pass, count);
    weigh.encode(pass, groupsOf(count)[1], gridOf(Math.ceil(count / LANES)));
    pass.end();
    encoder.copyBufferToBuffer(named.ms_values!, 0, batch.values, 4 * first, 4 * count);
  };
  const pieces = (count: number): [number, number][] =>
    Array.from({ length: Math.ceil(count / members) }, (_, i) => [i * members, Math.min(members, count - i * members)]);
  const encode = (batch: ObjectiveBatch, encoder: GPUCommandEncoder) => {
    for (const [first, count] of pieces(batch.count)) {
      encodePlaces(encoder, batch, first, count);
      forward.encodeModel(encoder, count);
      encodeValues(encoder, batch, first, count);
    }
  };
  const run = async (batch: ObjectiveBatch) => {
    const submit = (fill: (encoder: GPUCommandEncoder) => void) => {
      const encoder = device.createCommandEncoder({ label: 'log posterior' });
      fill(encoder);
      device.queue.submit([encoder.finish()]);
    };
    for (const [first, count] of pieces(batch.count)) {
      submit((encoder) => encodePlaces(encoder, batch, first, count));
      await forward.runModel(count);
      submit((encoder) => encodeValues(encoder, batch, first, count));
    }
  };
  const objective: Objective = {
    kind: 'buffers',
    box,
    boundary: 'none',
    data: {},
    text: { data: [], sense: 1 },
    derivatives: 'value',
    buffers: forward.waits ? { run } : { encode },
  };
  return { objective, dispose: () => buffers.destroy() };
}
