/** A start of whole covariances: factorised on the GPU, by a kernel that only such a start compiles. */
import { BufferSet, readBuffer } from '../gpu/buffers.ts';
import { compile, gridOf } from '../gpu/pipelines.ts';
import { factoriseKernel } from '../kernels/factorise.ts';

/**
 * Packed lower triangles, one a component -> factors and log normalisers in the components' records.
 * @throws RangeError naming the first that is not positive definite
 */
export async function factoriseStart(
  device: GPUDevice,
  named: Readonly<Record<string, GPUBuffer>>,
  dim: number,
  components: number,
  covariances: Float64Array,
): Promise<void> {
  const { bind, encode } = await compile(device, factoriseKernel({ dim }));
  const own = new BufferSet(device);
  const ms_covariances = own.create('covariances', new Float32Array(covariances));
  const ms_statuses = own.create('statuses', components);
  const encoder = device.createCommandEncoder({ label: 'factorise' });
  const pass = encoder.beginComputePass({ label: 'factorise' });
  encode(pass, bind({ ...named, ms_covariances, ms_statuses }), gridOf(components));
  pass.end();
  device.queue.submit([encoder.finish()]);
  const statuses = new Uint32Array(await readBuffer(device, ms_statuses, 4 * components));
  own.destroy();
  const bad = statuses.findIndex((status) => status !== 0);
  if (bad >= 0) throw new RangeError(`the start covariance of component ${bad} is not positive definite (column ${statuses[bad]})`);
}
