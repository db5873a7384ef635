/**
 * A forward model y = G(theta) + noise, as the user gives it. Three kinds, one face:
 *   wgsl     `fn forward(theta: Point, y: ptr<function, Observation>)`, one invocation a member
 *   buffers  any GPU passes that fill a buffer of predictions from a buffer of parameters
 *   host     a function on the CPU, asked in batches
 */

/** A batch of parameter vectors for a forward model. All buffers are float32 storage buffers on `device`. */
export interface ForwardBatch {
  readonly device: GPUDevice;
  /** `count` parameter vectors, row by row (`count * dim` numbers), in physical units. */
  readonly parameters: GPUBuffer;
  /** To be filled row by row: `count * observations` predictions. A member whose run failed leaves NaN or infinity there. */
  readonly predictions: GPUBuffer;
  readonly count: number;
  readonly dim: number;
  readonly observations: number;
}

/** A forward model that is any sequence of GPU passes. */
export interface BufferForward {
  /**
   * Compiles and allocates for batches of at most `members` members; called once before a run. The model itself takes a batch in as many
   * pieces as its memory wants.
   */
  open(device: GPUDevice, members: number): Promise<OpenForward>;
}

/** A forward model ready to run. It gives one of `encode` and `run`. */
export interface OpenForward {
  /** Encodes its passes into the given encoder: many iterations then share one submit. */
  encode?(batch: ForwardBatch, encoder: GPUCommandEncoder): void;
  /** Submits its own work (another library's, say); each iteration then waits for it to be submitted. */
  run?(batch: ForwardBatch): Promise<void>;
  /** Frees what `open` allocated. */
  dispose?(): void;
}

/** A forward model on the CPU: `count` parameter vectors row by row in, `count * observations` predictions row by row out. */
export type HostForward = (theta: Float64Array, count: number, dim: number) => ArrayLike<number> | Promise<ArrayLike<number>>;
