/** Files that the command line reads and writes. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { OptionError } from '../gpu/errors.ts';

/** Whether a name is meant as a file's: it looks like one, or there is one. */
export const isPath = (name: string): boolean => name.endsWith('.wgsl') || /[/\\]/.test(name) || existsSync(name);

/** @throws OptionError saying why it cannot be read. */
export const readFile = (path: string): string => readBytes(path).toString('utf8');

/** @throws OptionError saying why it cannot be read. */
export function readBytes(path: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = { ENOENT: 'there is no such file', EISDIR: 'this is a folder', EACCES: 'it may not be read' }[code ?? ''] ?? message;
    throw new OptionError(`${path}: ${why}`);
  }
}

/** Whole or not at all: by way of a temporary file beside it, which takes its name once it is on the disk. */
export function replaceFile(path: string, contents: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, contents);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
