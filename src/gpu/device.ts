/**
 * Opening a device, or adopting a caller's. The library asks for more than WebGPU's default limits through this one list only,
 * and never destroys a device it did not open.
 */
import { AdapterError, DeviceLostError, LimitError } from './errors.ts';

/** The limits worth having more of than the default; requested as far as the adapter goes. */
const wantedLimits = {
  maxStorageBufferBindingSize: 2 ** 31 - 4,
  maxBufferSize: 2 ** 31 - 4,
} as const;

/** Timing of passes, and invocations that give each other numbers, where the adapter has them. */
const wantedFeatures: GPUFeatureName[] = ['timestamp-query', 'subgroups'];

/** What a result says of the hardware it was computed on. */
export interface AdapterDescription {
  /** As WebGPU's `GPUAdapterInfo` has it; may be empty. */
  vendor: string;
  /** Likewise. */
  architecture: string;
  /** Likewise: the name of the hardware or driver, where the browser tells it. */
  description: string;
  /** True for a CPU implementation (SwiftShader, lavapipe, WARP): its speed says nothing about a GPU. */
  software: boolean;
}

export interface Gpu {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  /** Whether {@link closeGpu} destroys the device. */
  readonly owned: boolean;
  /** Set as soon as the device is lost. */
  lost?: DeviceLostError;
  /** Called once at the loss; waits in progress put themselves here (a promise's own reactions would pile up). */
  readonly onLost: Set<(error: DeviceLostError) => void>;
}

export interface OpenOptions {
  /** Use this device; it stays the caller's. */
  device?: GPUDevice;
  /** Where adapters come from; default `navigator.gpu`. In Node: `(await openGpu()).gpu` of `modescape/node`. */
  gpu?: GPU;
  /** `default` asks for no larger limits than WebGPU guarantees everywhere. */
  limits?: 'default' | 'adapter';
}

const described = new WeakMap<GPUDevice, Gpu>();

/**
 * Opens a device, or adopts `options.device`.
 * @throws AdapterError without WebGPU or without an adapter.
 */
export async function openDevice(options: OpenOptions = {}): Promise<Gpu> {
  if (options.device) {
    const known = described.get(options.device);
    if (known) return known;
    const info = (options.device as GPUDevice & { adapterInfo?: GPUAdapterInfo }).adapterInfo;
    return track(options.device, describe(info), false);
  }
  const gpu = options.gpu ?? (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu) {
    throw new AdapterError(
      'No WebGPU here. In Node: install the `webgpu` package and pass `gpu: (await openGpu()).gpu` from modescape/node. ' +
        'In a browser: use a recent Chrome, Edge, Safari or Firefox, on https or localhost.',
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new AdapterError(
      'WebGPU is here, but no adapter. Install a graphics driver (Vulkan on Linux), or use a software adapter: in Node ' +
        '`npm install @sparticuz/chromium` and MODESCAPE_ADAPTER=software, in Chrome --use-webgpu-adapter=swiftshader.',
    );
  }
  const requiredLimits: Record<string, number> = {};
  if (options.limits !== 'default') {
    for (const [name, wanted] of Object.entries(wantedLimits)) {
      requiredLimits[name] = Math.min(wanted, adapter.limits[name as keyof typeof wantedLimits]);
    }
  }
  const requiredFeatures = wantedFeatures.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ label: 'modescape', requiredLimits, requiredFeatures });
  return track(device, describe(adapter.info), true);
}

/** Destroys the device if the library opened it. */
export function closeGpu(gpu: Gpu): void {
  if (gpu.owned) gpu.device.destroy();
}

/**
 * Whether neighbouring invocations are to read for each other what they all need: a software adapter reads lane by lane, where a GPU makes
 * one read of it.
 */
export const shouldReadByQuads = ({ device, adapter }: Gpu): boolean => adapter.software && device.features.has('subgroups');

/** @throws DeviceLostError when the device is gone. */
export function assertAlive(gpu: Gpu): void {
  if (gpu.lost) throw new DeviceLostError(gpu.lost.message, gpu.lost.reason);
}

/** The largest binding that the device takes and that one buffer can hold, in bytes. */
export function largestBinding(device: GPUDevice): number {
  return Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
}

/** @throws LimitError when `bytes` do not fit one storage binding. */
export function assertBinding(device: GPUDevice, what: string, bytes: number, advice: string, largest?: number): void {
  const available = largestBinding(device);
  if (bytes <= available) return;
  const limit = device.limits.maxStorageBufferBindingSize <= device.limits.maxBufferSize ? 'maxStorageBufferBindingSize' : 'maxBufferSize';
  throw new LimitError(
    `${what} needs ${megabytes(bytes)} in one binding; this device's ${limit} is ${megabytes(available)}. ${advice}`,
    limit,
    bytes,
    available,
    largest,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function track(device: GPUDevice, adapter: AdapterDescription, owned: boolean): Gpu {
  const gpu: Gpu = { device, adapter, owned, onLost: new Set() };
  described.set(device, gpu);
  device.lost.then((info) => {
    gpu.lost = new DeviceLostError(
      `The GPU device was lost (${info.reason}${info.message ? `: ${info.message}` : ''}). Open a new device and start again.`,
      info.reason,
    );
    for (const tell of gpu.onLost) tell(gpu.lost);
    gpu.onLost.clear();
  });
  return gpu;
}

function describe(info: GPUAdapterInfo | undefined): AdapterDescription {
  const vendor = info?.vendor ?? '';
  const architecture = info?.architecture ?? '';
  const description = info?.description ?? '';
  const fallback = (info as (GPUAdapterInfo & { isFallbackAdapter?: boolean }) | undefined)?.isFallbackAdapter ?? false;
  const software = fallback || /swiftshader|llvmpipe|lavapipe|warp|basic render/i.test(`${architecture} ${description}`);
  return { vendor, architecture, description, software };
}
