/** Iterations that wait for work outside of the GPU's queue: loaded with the first objective that makes them. */
import { readBuffer } from '../gpu/buffers.ts';
import { ObjectiveError } from '../gpu/errors.ts';
import { askHost, tellBatch } from '../objective/host.ts';
import type { Objective, ObjectiveBatch } from '../objective/objective.ts';
import { encodeCommand } from './command.ts';
import type { Iteration } from './commands.ts';

/**
 * In submits of its own, calling `evaluate` for each batch of the objective. What is encoded into `last` belongs to the last submit.
 * @param fresh rows that are to be evaluated, where they are fewer than the batch may have
 */
export async function iterateWaiting(
  device: GPUDevice,
  { segments, live }: Iteration,
  fresh: number | undefined,
  evaluate: (batch: ObjectiveBatch) => Promise<void>,
  last?: (encoder: GPUCommandEncoder) => void,
): Promise<void> {
  for (const [index, { commands, batch }] of segments.entries()) {
    const encoder = device.createCommandEncoder({ label: 'iteration' });
    const pass = encoder.beginComputePass({ label: 'iteration' });
    for (const command of commands) encodeCommand(pass, command, live);
    pass.end();
    if (index === segments.length - 1) last?.(encoder);
    device.queue.submit([encoder.finish()]);
    if (batch) await evaluate(fresh === undefined ? batch : { ...batch, count: fresh });
  }
}

/** The batch, filled by whoever has the objective. */
export async function askObjective({ buffers, host }: Objective, batch: ObjectiveBatch): Promise<void> {
  if (buffers?.run) return buffers.run(batch);
  if (!host) throw new ObjectiveError('this solver has no objective: use ask() and tell()');
  const points = new Float32Array(await readBuffer(batch.device, batch.points, 4 * batch.count * batch.dim));
  tellBatch(batch, await askHost(host, Float64Array.from(points), batch.count, batch.dim));
}
