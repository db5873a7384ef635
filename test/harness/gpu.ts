/** The `GPU` that tests run on: the page's own, or Dawn's in Node. For cases that need a device of their own. */
let ofNode: GPU | undefined;

export function setTestGpu(gpu: GPU): void {
  ofNode = gpu;
}

/** A device of the default limits, with what a test may need of features. Its uncaptured errors are pushed to `errors`. */
export async function requestTestDevice(errors: string[] = []): Promise<GPUDevice> {
  const gpu = ofNode ?? navigator.gpu;
  if (!gpu) throw new Error('No WebGPU here: in Node call getDevice() of test/harness/device.ts first.');
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('No WebGPU adapter.');
  const requiredFeatures = (['timestamp-query', 'subgroups'] as GPUFeatureName[]).filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ label: 'test', requiredFeatures });
  device.onuncapturederror = (event) => {
    event.preventDefault();
    errors.push(event.error.message);
  };
  return device;
}
