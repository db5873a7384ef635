/** What the process says and returns when something went wrong. */
import { CheckpointError, OptionError, ShaderError } from '../gpu/errors.ts';

export const exitCode = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** Options the caller can mend by typing something else are bad usage; all else is a failure. */
export function exitCodeOf(error: unknown): number {
  return error instanceof OptionError || error instanceof CheckpointError ? exitCode.usage : exitCode.failure;
}

/** An error as one line (with its stack where MODESCAPE_DEBUG is set). Compile errors begin with their file, as editors expect. */
export function oneLine(error: unknown): string {
  if (process.env.MODESCAPE_DEBUG && error instanceof Error && error.stack) return error.stack;
  const message = (error instanceof Error ? error.message : String(error))
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ');
  return error instanceof ShaderError ? message : `modescape: ${message}`;
}
