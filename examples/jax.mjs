// A jax-js objective, value and gradient. Run: node examples/jax.mjs   (needs: npm install modescape webgpu @jax-js/jax)
//
// jax-js makes the device and the search adopts it. Points go from buffer to buffer, values and gradients come back the same way.
import { minimize } from 'modescape';
import { openGpu } from 'modescape/node';

const { gpu } = await openGpu();
// In a browser navigator.gpu is there already.
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
const { defaultDevice, getWebGPUDevice, grad, init, jit, numpy: np, vmap } = await import('@jax-js/jax');
await init('webgpu');
defaultDevice('webgpu');
const device = getWebGPUDevice();

// A double well along each axis, tilted: 2^d minima, one of them global. jax-js counts references: every use but the last takes `.ref`.
const wells = (x) => np.square(np.square(x.ref).sub(1)).sum().add(x.sum().mul(0.1));
const values = jit(vmap(wells));
const gradients = jit(vmap(grad(wells)));

const objective = {
  gradient: true,
  async run(batch) {
    // jit compiles anew for each shape: few shapes are wanted.
    const rows = 2 ** Math.ceil(Math.log2(Math.max(batch.count, 256)));
    const x = np.zeros([rows, batch.dim]);
    const copyIn = device.createCommandEncoder();
    copyIn.copyBufferToBuffer(batch.points, 0, await x.ref.gpuBuffer(), 0, 4 * batch.count * batch.dim);
    device.queue.submit([copyIn.finish()]);

    const f = values(x.ref);
    const df = gradients(x);
    const copyOut = device.createCommandEncoder();
    copyOut.copyBufferToBuffer(await f.ref.gpuBuffer(), 0, batch.values, 0, 4 * batch.count);
    copyOut.copyBufferToBuffer(await df.ref.gpuBuffer(), 0, batch.gradients, 0, 4 * batch.count * batch.dim);
    device.queue.submit([copyOut.finish()]);
    // After the submit: jax-js may use these buffers again from now on.
    f.dispose();
    df.dispose();
  },
};

const { modes, gradientEvaluations } = await minimize({ device, buffers: objective, box: [-2, 2], dim: 3, evaluations: 60_000 });
console.log(`${modes.length} minima by ${gradientEvaluations} gradients`);
for (const { x, value, global } of modes) {
  console.log(x.map((coordinate) => coordinate.toFixed(3)).join(' '), value.toFixed(4), global ? 'global' : '');
}
device.destroy();
