/** Errors across the boundary: a structured clone keeps neither the class nor the fields of an error, so both are sent along as data. */
import {
  AdapterError,
  CheckpointError,
  DeviceLostError,
  LimitError,
  ObjectiveError,
  OptionError,
  OutOfMemoryError,
  ShaderError,
} from '../gpu/errors.ts';

/** The worker could not be started, or ended before it answered. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

const classes = {
  AdapterError,
  CheckpointError,
  DeviceLostError,
  LimitError,
  ObjectiveError,
  OptionError,
  OutOfMemoryError,
  ShaderError,
  WorkerError,
};

export interface PackedError {
  name: string;
  message: string;
  stack: string | undefined;
  /** `limit`, `line`, `snapshot`, ... */
  fields: Record<string, unknown>;
}

/** What a call came to. */
export type Outcome<T> = { value: T } | { error: PackedError };

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, fields: {} };
  const { name, message, stack } = error;
  const fields = Object.entries(error).filter(([key, value]) => key !== 'name' && key !== 'cause' && isCloneable(value));
  return { name, message, stack, fields: Object.fromEntries(fields) };
}

/** An error of the same class, as far as it is one of the library's, with the same fields. */
export function reviveError({ name, message, stack, fields }: PackedError): Error {
  const error = new Error(message);
  if (Object.hasOwn(classes, name)) Object.setPrototypeOf(error, classes[name as keyof typeof classes].prototype);
  return Object.assign(error, { name, ...(stack === undefined ? {} : { stack }) }, fields);
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
