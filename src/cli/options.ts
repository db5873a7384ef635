/** From the text of flags to values. Ranges are checked where they are defined: here only what text adds. */
import { readRunOptions } from '../api/search-options.ts';
import { OptionError } from '../gpu/errors.ts';
import type { RunOptions } from '../index.ts';
import { choiceOption, numberOption } from '../run/options.ts';

/** A finite number, or the text as it is, so that the error can quote it. */
export function readNumber(text: string): number | string {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? value : text;
}

/** `"lo:hi"` or `"lo:hi,lo:hi,..."`. @throws OptionError */
export function readBox(text: string): [number, number][] {
  return text.split(',').map((part, i) => {
    const bounds = part.split(':').map(readNumber);
    if (bounds.length !== 2 || !bounds.every((bound) => typeof bound === 'number')) {
      throw new OptionError(`--box: part ${i + 1} is "${part.trim()}"; write two finite numbers, lo:hi, for each dimension (e.g. "-6:6")`);
    }
    const [low, high] = bounds as [number, number];
    if (low >= high) throw new OptionError(`--box: part ${i + 1} is "${part.trim()}"; the lower bound must be below the upper one`);
    return [low, high];
  });
}

/** @throws OptionError unless it is a whole number from 1 to 512. */
export function readDim(text: string | undefined): number | undefined {
  return numberOption('--dim', text === undefined ? undefined : readNumber(text), undefined, { min: 1, max: 512, whole: true });
}

/** `key=value` settings of a method: numbers and booleans are parsed, words are left. The last of a key counts. @throws OptionError */
export function readSettings(settings: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf('=');
      const [key, value] = [setting.slice(0, at).trim(), setting.slice(at + 1).trim()];
      if (at < 0 || key === '' || value === '') throw new OptionError(`--set "${setting}": write key=value`);
      return [key, value === 'true' ? true : value === 'false' ? false : readNumber(value)];
    }),
  );
}

/** `--tuning`, where it is given. @throws OptionError */
export function readTuning({ tuning }: { tuning?: string }): Pick<RunOptions, 'tuning'> {
  const read = choiceOption('--tuning', tuning, undefined, ['fixed', 'auto']);
  return read === undefined ? {} : { tuning: read };
}

const numbers = ['components', 'samples', 'iterations', 'evaluations', 'seconds', 'target', 'waves', 'seed'] as const;
export type NumberFlags = { [name in (typeof numbers)[number]]?: string };

/** The flags that are numbers. @throws OptionError naming the flag at fault. */
export function readNumbers(flags: NumberFlags): Pick<RunOptions, (typeof numbers)[number]> {
  const given = Object.fromEntries(
    numbers.flatMap((name) => (flags[name] === undefined ? [] : [[name, readNumber(flags[name])]])),
  ) as RunOptions;
  try {
    readRunOptions(given);
  } catch (error) {
    throw error instanceof OptionError ? new OptionError(`--${error.message}`) : error;
  }
  return given;
}
