/** How long the GPU works on stretches of command buffers, by its own clock. Empty passes before and after take the time. */

const queryResolve = 0x200;
const copySource = 0x4;

export class GpuClock {
  /** What is read back after each stretch, and given to {@link add}. */
  readonly stamps: GPUBuffer;
  readonly #queries: GPUQuerySet;
  /** Nanoseconds; undefined once a stretch was not timed. */
  #busy: bigint | undefined = 0n;
  #last = 0n;

  private constructor(device: GPUDevice) {
    this.#queries = device.createQuerySet({ label: 'clock', type: 'timestamp', count: 2 });
    this.stamps = device.createBuffer({ label: 'clock', size: 16, usage: queryResolve | copySource });
  }

  /** Undefined on a device without timestamps. */
  static of(device: GPUDevice): GpuClock | undefined {
    return device.features.has('timestamp-query') ? new GpuClock(device) : undefined;
  }

  begin(encoder: GPUCommandEncoder): void {
    this.#mark(encoder, 0);
  }

  end(encoder: GPUCommandEncoder): void {
    this.#mark(encoder, 1);
    encoder.resolveQuerySet(this.#queries, 0, 2, this.stamps, 0);
  }

  /**
   * A stretch, as read back, in the order of their submits: what it shares with the one before counts once.
   * @returns the milliseconds that it adds; undefined where it has no time
   */
  add(bytes: ArrayBuffer, offset: number): number | undefined {
    const [begun, ended] = new BigUint64Array(bytes.slice(offset, offset + 16)) as unknown as [bigint, bigint];
    // A driver that leaves out passes with nothing in them writes no time.
    if (begun === 0n || ended < begun) {
      this.#busy = undefined;
      return undefined;
    }
    const from = begun > this.#last ? begun : this.#last;
    const added = ended > from ? ended - from : 0n;
    if (ended > this.#last) this.#last = ended;
    if (this.#busy !== undefined) this.#busy += added;
    return Number(added) / 1e6;
  }

  /** Of all stretches added; undefined where one of them has no time. */
  get milliseconds(): number | undefined {
    return this.#busy === undefined ? undefined : Number(this.#busy) / 1e6;
  }

  destroy(): void {
    this.#queries.destroy();
    this.stamps.destroy();
  }

  #mark(encoder: GPUCommandEncoder, index: number): void {
    encoder.beginComputePass({ label: 'clock', timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: index } }).end();
  }
}
