/** Where each component has been: its records of the last frames, in a ring on the GPU that is never read back. */

const MOST_FRAMES = 256;
const MOST_BYTES = 2 ** 24;

export class TrailRing {
  readonly buffer: GPUBuffer;
  /** Frames that the ring holds at most. */
  readonly capacity: number;
  readonly #source: GPUBuffer;
  #written = 0;

  constructor(device: GPUDevice, source: GPUBuffer) {
    this.#source = source;
    this.capacity = Math.max(2, Math.min(MOST_FRAMES, Math.floor(MOST_BYTES / source.size)));
    this.buffer = device.createBuffer({ label: 'trails', size: this.capacity * source.size, usage: 0x80 | 0x8 });
  }

  /** Frames in the ring, and the place of the oldest. */
  get length(): number {
    return Math.min(this.#written, this.capacity);
  }

  get first(): number {
    return this.#written > this.capacity ? this.#written % this.capacity : 0;
  }

  /** Floats a frame. */
  get stride(): number {
    return this.#source.size / 4;
  }

  encode(encoder: GPUCommandEncoder): void {
    const { size } = this.#source;
    encoder.copyBufferToBuffer(this.#source, 0, this.buffer, (this.#written % this.capacity) * size, size);
    this.#written++;
  }

  destroy(): void {
    this.buffer.destroy();
  }
}
