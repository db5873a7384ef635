/** `--checkpoint FILE --every S` and `--resume FILE`. */
import { statSync } from 'node:fs';
import { CheckpointError, OptionError } from '../gpu/errors.ts';
import type { RunOptions } from '../index.ts';
import { decodeCheckpoint } from '../run/checkpoint-file.ts';
import { numberOption } from '../run/options.ts';
import { readBytes, replaceFile } from './files.ts';
import { checkOutputPath } from './json.ts';
import { readNumber } from './options.ts';

export interface CheckpointFlags {
  checkpoint?: string;
  every?: string;
  resume?: string;
}

/** Seconds between checkpoints. */
const EVERY = 60;

/** @throws OptionError, or CheckpointError naming the file */
export function readCheckpoints({
  checkpoint,
  every,
  resume,
}: CheckpointFlags): Pick<RunOptions, 'checkpoint' | 'onCheckpoint' | 'checkpointEvery'> {
  if (every !== undefined && checkpoint === undefined) throw new OptionError('--every: say with --checkpoint FILE where to');
  const seconds = numberOption('--every', every === undefined ? undefined : readNumber(every), EVERY, { min: 0, max: 1e9 });
  if (checkpoint === '-') throw new OptionError('--checkpoint writes a file again and again; give its name');
  if (checkpoint !== undefined) {
    checkOutputPath('--checkpoint', checkpoint);
    // It is replaced again and again: a device, a pipe or a folder would be too.
    const there = statSync(checkpoint, { throwIfNoEntry: false });
    if (there && !there.isFile()) throw new OptionError(`--checkpoint ${checkpoint} is no plain file`);
  }
  return {
    ...(checkpoint === undefined ? {} : { checkpointEvery: seconds, onCheckpoint: (bytes) => keep(checkpoint, bytes) }),
    ...(resume === undefined ? {} : { checkpoint: readResumed(resume) }),
  };
}

/** A full disk is no reason to lose the run as well. */
function keep(path: string, bytes: Uint8Array): void {
  try {
    replaceFile(path, bytes);
  } catch (error) {
    process.stderr.write(`modescape: warning: the checkpoint was not written: ${(error as Error).message}\n`);
  }
}

/** Either form. What is wrong with it is said before a GPU is looked for. */
function readResumed(path: string): Uint8Array | string {
  const bytes = readBytes(path);
  const saved = bytes[0] === '{'.charCodeAt(0) ? bytes.toString('utf8') : new Uint8Array(bytes);
  try {
    decodeCheckpoint(saved);
  } catch (error) {
    throw error instanceof CheckpointError ? new CheckpointError(`${path}: ${error.message}`, error.fault) : error;
  }
  return saved;
}
