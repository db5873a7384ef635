/**
 * What a checkpoint is: the whole state of a run as plain data, with what it is the state of. How it becomes bytes stands in
 * checkpoint-file.ts.
 */
import type { AdapterDescription } from '../gpu/device.ts';
import { CheckpointError } from '../gpu/errors.ts';
import { differences, type Identity } from './identity.ts';
import type { LoopTime } from './loop.ts';

/** Plain data and arrays of numbers. */
export type State =
  | undefined
  | null
  | boolean
  | number
  | string
  | Float32Array
  | Float64Array
  | Uint32Array
  | readonly State[]
  | { readonly [name: string]: State };

export interface Checkpoint {
  /** What made it: `createSolver`, `minimize` and its like, or `invert`. */
  kind: 'solver' | 'search' | 'inversion';
  /** Version of the package. */
  version: string;
  /** On another adapter a run goes on, but not with the same bits. */
  adapter: AdapterDescription;
  /** The problem, the method and the shape of the run. */
  identity: Identity;
  iteration: number;
  evaluations: number;
  /** Spent up to here, the first use of shaders not counted. */
  seconds: number;
  state: State;
}

/** A checkpoint as it is kept: the bytes of the binary form, or the text of the JSON form. */
export type SavedCheckpoint = Uint8Array | ArrayBuffer | string;

/** The state, where the checkpoint is one of this very run. @throws CheckpointError that says what differs */
export function stateFor<T>(checkpoint: Checkpoint, kind: Checkpoint['kind'], identity: Identity): T {
  if (checkpoint.kind !== kind) {
    throw new CheckpointError(`this is a checkpoint of ${makers[checkpoint.kind]}, not of ${makers[kind]}`, 'other run');
  }
  // The layouts of GPU buffers go with the version, and so do the bits of a result.
  if (checkpoint.version !== __VERSION__) {
    throw new CheckpointError(
      `the checkpoint was made by modescape ${checkpoint.version}, and this is ${__VERSION__}: go on with that version`,
      'other run',
    );
  }
  const found = differences(checkpoint.identity, identity);
  if (found.length > 0) throw new CheckpointError(`the checkpoint is one of another run: ${found.join('; ')}`, 'other run');
  return checkpoint.state as T;
}

const makers: Record<Checkpoint['kind'], string> = {
  solver: 'a solver (createSolver)',
  search: 'minimize, maximize or sample',
  inversion: 'invert',
};

/** @throws CheckpointError where a checkpoint of the right run does not hold what it must. */
export function mismatch(what: string): never {
  throw new CheckpointError(`the checkpoint does not hold ${what} as this run needs it`, 'other run');
}

/** Whether it is the time of a loop, in what a checkpoint holds. */
export function isLoopTime(value: unknown): value is LoopTime {
  const { gpu, readback } = (value ?? {}) as Partial<LoopTime>;
  return Number.isFinite(readback) && (gpu === undefined || Number.isFinite(gpu));
}
