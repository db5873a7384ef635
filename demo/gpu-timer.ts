/** How long a stretch of a command buffer takes on the GPU: empty passes before and after it write timestamps. */

const QUERY_RESOLVE = 0x200;
const COPY_SOURCE = 0x4;

export class GpuTimer {
  readonly #queries: GPUQuerySet | undefined;
  readonly #resolved: GPUBuffer | undefined;

  /** Does nothing on a device without timestamps. */
  constructor(device: GPUDevice) {
    if (!device.features.has('timestamp-query')) return;
    this.#queries = device.createQuerySet({ label: 'frame', type: 'timestamp', count: 2 });
    this.#resolved = device.createBuffer({ label: 'frame times', size: 16, usage: QUERY_RESOLVE | COPY_SOURCE });
  }

  begin(encoder: GPUCommandEncoder): void {
    this.#mark(encoder, 0);
  }

  end(encoder: GPUCommandEncoder): void {
    this.#mark(encoder, 1);
    if (this.#queries) encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved!, 0);
  }

  /** What {@link milliseconds} is read from. */
  get sources(): GPUBuffer[] {
    return this.#resolved ? [this.#resolved] : [];
  }

  static milliseconds(bytes: ArrayBuffer, offset: number): number {
    const stamps = new BigUint64Array(bytes.slice(offset, offset + 16));
    return Number(stamps[1]! - stamps[0]!) / 1e6;
  }

  destroy(): void {
    this.#queries?.destroy();
    this.#resolved?.destroy();
  }

  #mark(encoder: GPUCommandEncoder, index: number): void {
    if (!this.#queries) return;
    encoder.beginComputePass({ label: 'time', timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: index } }).end();
  }
}
