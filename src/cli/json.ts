/** The result as one JSON object, written whole or not at all. */
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OptionError } from '../gpu/errors.ts';
import { toJson } from '../index.ts';
import { replaceFile } from './files.ts';

/** What was asked for, then what was found. */
export const resultJson = (result: object, command: Record<string, unknown>): string => toJson({ ...command, ...result });

/** So that a long search is not lost to a mistyped path. @throws OptionError */
export function checkOutputPath(flag: string, path: string): void {
  if (path === '-') return;
  if (path.trim() === '') throw new OptionError(`${flag}: the name of the file is empty`);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw new OptionError(`${flag} ${path}: this is a folder; give the name of a file`);
  const folder = dirname(resolve(path));
  try {
    accessSync(stats && !stats.isFile() ? path : folder, constants.W_OK);
  } catch {
    throw new OptionError(
      `${flag} ${path}: ${statSync(folder, { throwIfNoEntry: false }) ? 'it may not be written' : `there is no folder ${folder}`}`,
    );
  }
}

/** A page is for a browser, not for a terminal. @throws OptionError */
export function checkReportPath(path: string): void {
  if (path === '-') throw new OptionError('--report: give the name of a file, such as report.html');
  checkOutputPath('--report', path);
}

/** To a file, whole or not at all; `-` is standard output. */
export function writeOutput(path: string, text: string): void {
  if (path === '-') {
    process.stdout.write(text);
    return;
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) {
    writeFileSync(path, text); // a pipe or device is written to, never replaced
    return;
  }
  replaceFile(path, text);
}
