/**
 * The errors of the library. Each says what was wrong, where, and what to do about it.
 */

/** Something in the options is unusable: a box with lower >= upper, an unknown name, a negative count. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** The device cannot hold or run what was asked; nothing was allocated. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
  constructor(
    message: string,
    /** The WebGPU limit (or own bound) that was passed. */
    readonly limit: string,
    /** What was asked for, in the units of the limit. */
    readonly asked: number,
    /** What the device allows. */
    readonly available: number,
    /** The largest size that fits, where one number says it. */
    readonly largest?: number,
  ) {
    super(message);
  }
}

/** The GPU is out of memory. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** The device was lost in mid-run. `snapshot` holds what had been read back by then. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
  constructor(
    message: string,
    /** As WebGPU says it: `destroyed` or `unknown`. */
    readonly reason: GPUDeviceLostReason,
    /** The last snapshot read back before the loss, if there was one. */
    public snapshot?: unknown,
  ) {
    super(message);
  }
}

/** WGSL that does not compile, reported at the user's own file and line where the mistake is theirs. */
export class ShaderError extends Error {
  override readonly name = 'ShaderError';
  constructor(
    message: string,
    /** The name given as `file`, such as `objective.wgsl`. */
    readonly file: string,
    /** From 1, in `file`. */
    readonly line: number,
    /** From 1, in that line. */
    readonly column: number,
  ) {
    super(message);
  }
}

/** The objective itself: no usable value anywhere, a wrong number of values, a gradient that does not fit. */
export class ObjectiveError extends Error {
  override readonly name = 'ObjectiveError';
}

/** No WebGPU adapter. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
}

/** What is wrong with a checkpoint: no checkpoint at all, cut short, changed on its way, of a later format, or of another run. */
export type CheckpointFault = 'foreign' | 'truncated' | 'corrupted' | 'newer' | 'other run';

/** A checkpoint that cannot be restored. Nothing of it was loaded. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  constructor(
    message: string,
    /** What kind of mistake it is, for programs. */
    readonly fault: CheckpointFault,
  ) {
    super(message);
  }
}
