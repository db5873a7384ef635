/** The smallest case: proves that the harness runs WGSL, on either side. */
export const cases = {
  'adds two arrays': async (device: GPUDevice): Promise<void> => {
    const count = 100;
    const a = Float32Array.from({ length: count }, (_, i) => i);
    const b = Float32Array.from({ length: count }, (_, i) => 1000 - 2 * i);
    const module = device.createShaderModule({
      code: /* wgsl */ `
        @group(0) @binding(0) var<storage, read> a: array<f32>;
        @group(0) @binding(1) var<storage, read_write> b: array<f32>;
        @compute @workgroup_size(64) fn add(@builtin(global_invocation_id) id: vec3u) {
          if (id.x < arrayLength(&b)) { b[id.x] += a[id.x]; }
        }`,
    });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const [bufferA, bufferB] = [a, b].map((values) => {
      const buffer = device.createBuffer({ size: values.byteLength, usage });
      device.queue.writeBuffer(buffer, 0, values);
      return buffer;
    });
    const staging = device.createBuffer({ size: b.byteLength, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const entries = [bufferA, bufferB].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(Math.ceil(count / 64));
    pass.end();
    encoder.copyBufferToBuffer(bufferB, 0, staging, 0, b.byteLength);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const sums = new Float32Array(staging.getMappedRange().slice(0));
    for (let i = 0; i < count; i++) if (sums[i] !== a[i] + b[i]) throw new Error(`sum ${i} is ${sums[i]}, expected ${a[i] + b[i]}`);
    for (const buffer of [bufferA, bufferB, staging]) buffer.destroy();
  },
};
