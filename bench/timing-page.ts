/** The page's side of timing-hosts.ts: open iterations by number, each on a device of its own. */
import { type AdapterDescription, closeGpu, type Gpu, openDevice } from '../src/gpu/device.ts';
import type { MethodName, Shape } from './iteration-shapes.ts';
import { TimedIteration } from './timed-iteration.ts';

const opened = new Map<number, { gpu: Gpu; timed: TimedIteration }>();
let last = 0;

export async function adapter(): Promise<AdapterDescription> {
  const gpu = await openDevice();
  closeGpu(gpu);
  return gpu.adapter;
}

export async function open(shape: Shape, method: MethodName) {
  const gpu = await openDevice();
  try {
    const timed = await TimedIteration.open(gpu, shape, method);
    const id = ++last;
    opened.set(id, { gpu, timed });
    const { compileMs, firstIterationMs, gpuBytes } = timed;
    return { id, compileMs, firstIterationMs, gpuBytes };
  } catch (error) {
    closeGpu(gpu);
    throw error;
  }
}

export const batch = (id: number, iterations: number): Promise<number> => opened.get(id)!.timed.batch(iterations);

export const stages = (id: number): Promise<Record<string, number> | null> => opened.get(id)!.timed.stages();

export function close(id: number): void {
  const { gpu, timed } = opened.get(id)!;
  opened.delete(id);
  timed.close();
  closeGpu(gpu);
}
