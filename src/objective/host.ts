/** An objective's values from outside of the GPU. */
import { ObjectiveError } from '../gpu/errors.ts';
import type { HostObjective, ObjectiveBatch } from './objective.ts';

/** Values of a host objective, checked. @throws ObjectiveError */
export async function askHost(host: HostObjective, x: Float64Array, count: number, dim: number): Promise<Float64Array> {
  const values = await host(x, count, dim);
  if (values === null || typeof values !== 'object' || values.length !== count) {
    throw new ObjectiveError(
      `the host objective was given ${count} points and returned ${values?.length ?? typeof values} values; return one number for each`,
    );
  }
  return Float64Array.from(values);
}

/** Values into the batch; what is not a finite float32 becomes a number the kernels do not count as usable. */
export function tellBatch(batch: ObjectiveBatch, values: ArrayLike<number>): void {
  const unusable = 3e38;
  const rounded = Float32Array.from(values, (value) => (Number.isFinite(value) && Math.abs(value) < 1e30 ? value : unusable));
  batch.device.queue.writeBuffer(batch.values, 0, rounded);
}
