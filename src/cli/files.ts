/** Files that the command line reads. */
import { existsSync, readFileSync } from 'node:fs';
import { OptionError } from '../gpu/errors.ts';

/** Whether a name is meant as a file's: it looks like one, or there is one. */
export const isPath = (name: string): boolean => name.endsWith('.wgsl') || /[/\\]/.test(name) || existsSync(name);

/** @throws OptionError saying why it cannot be read. */
export function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = { ENOENT: 'there is no such file', EISDIR: 'this is a folder', EACCES: 'it may not be read' }[code ?? ''] ?? message;
    throw new OptionError(`${path}: ${why}`);
  }
}
