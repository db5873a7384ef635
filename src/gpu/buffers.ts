/**
 * Buffers with names and known sizes, and reading them back. A set owns what it makes and destroys it together.
 */

import { OutOfMemoryError } from './errors.ts';
import { patiently } from './patience.ts';

// GPUBufferUsage and GPUMapMode as numbers: in Node the globals exist only after Dawn is loaded.
export const usage = { mapRead: 0x1, copySource: 0x4, copyDestination: 0x8, uniform: 0x40, storage: 0x80 } as const;
const mapModeRead = 1;

export type HostArray = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Named buffers that live and die together. */
export class BufferSet {
  readonly #device: GPUDevice;
  readonly #buffers: GPUBuffer[] = [];
  #bytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** GPU memory held, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A storage buffer (also usable as a uniform) of `count` 4-byte numbers, zeroed, or with the given contents. */
  create(label: string, contents: number | HostArray): GPUBuffer {
    const count = typeof contents === 'number' ? contents : contents.length;
    const size = Math.max(16, 4 * Math.ceil(count));
    const flags = usage.storage | usage.copySource | usage.copyDestination | (size <= 65536 ? usage.uniform : 0);
    const buffer = this.#device.createBuffer({ label, size, usage: flags });
    this.#buffers.push(buffer);
    this.#bytes += size;
    if (typeof contents !== 'number' && contents.length > 0) this.#device.queue.writeBuffer(buffer, 0, contents);
    return buffer;
  }

  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.length = 0;
    this.#bytes = 0;
  }
}

/**
 * Runs `make` and turns a failed allocation into an error instead of a later surprise.
 * @throws OutOfMemoryError
 */
export async function allocating<T>(device: GPUDevice, what: string, make: () => T, undo: () => void): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const made = make();
  const [validation, memory] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  if (memory || validation) {
    undo();
    if (memory) throw new OutOfMemoryError(`The GPU has no memory left for ${what}: ${memory.message}. Use fewer samples or components.`);
    throw new Error(`${what}: ${validation?.message}`);
  }
  return made;
}

/** A ring of staging buffers for small, frequent reads: a read is encoded now and awaited later. */
export class StagingRing {
  readonly #device: GPUDevice;
  readonly #size: number;
  readonly #free: GPUBuffer[] = [];
  readonly #all: GPUBuffer[] = [];

  /** `size` bytes a read. */
  constructor(device: GPUDevice, size: number) {
    this.#device = device;
    this.#size = size;
  }

  /** Encodes copies of whole buffers, one after the other; call the result after the submit to get the bytes. */
  encodeRead(encoder: GPUCommandEncoder, sources: readonly GPUBuffer[]): () => Promise<ArrayBuffer> {
    const staging = this.#take();
    let at = 0;
    for (const source of sources) {
      encoder.copyBufferToBuffer(source, 0, staging, at, source.size);
      at += source.size;
    }
    return async () => {
      await patiently(staging.mapAsync(mapModeRead, 0, at));
      const bytes = staging.getMappedRange(0, at).slice(0);
      staging.unmap();
      this.#free.push(staging);
      return bytes;
    };
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
    this.#all.length = 0;
    this.#free.length = 0;
  }

  #take(): GPUBuffer {
    const free = this.#free.pop();
    if (free) return free;
    const made = this.#device.createBuffer({ label: 'staging', size: this.#size, usage: usage.mapRead | usage.copyDestination });
    this.#all.push(made);
    return made;
  }
}

/** Reads one buffer back, whole or in part. For set-up, results and tests; the run loop has its ring. */
export async function readBuffer(device: GPUDevice, buffer: GPUBuffer, bytes = buffer.size, offset = 0): Promise<ArrayBuffer> {
  const staging = device.createBuffer({ label: `read ${buffer.label}`, size: bytes, usage: usage.mapRead | usage.copyDestination });
  try {
    const encoder = device.createCommandEncoder({ label: `read ${buffer.label}` });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await patiently(staging.mapAsync(mapModeRead));
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}
