/** Command-line arguments of the benches: `--name value`, and flags. */
import { parseArgs } from 'node:util';

/** The options given, by name. Ends the process with 2 and one line when an argument is unknown or lacks its value. */
export function readArguments<Name extends string, Flag extends string = never>(
  names: readonly Name[],
  flags: readonly Flag[] = [],
): Partial<Record<Name, string> & Record<Flag, boolean>> {
  try {
    const options = Object.fromEntries([
      ...names.map((name) => [name, { type: 'string' as const }] as const),
      ...flags.map((flag) => [flag, { type: 'boolean' as const }] as const),
    ]);
    return parseArgs({ args: process.argv.slice(2), options }).values as Partial<Record<Name, string> & Record<Flag, boolean>>;
  } catch (error) {
    const known = [...names, ...flags].map((name) => `--${name}`).join(', ');
    return badUsage(`${(error as Error).message.split('. ')[0]}. Options here: ${known}`);
  }
}

export function badUsage(message: string): never {
  console.error(message);
  process.exit(2);
}

/** A whole number of at least 1. */
export function countArgument<Fallback extends number | undefined>(
  name: string,
  text: string | undefined,
  otherwise: Fallback,
): number | Fallback {
  if (text === undefined) return otherwise;
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 ? count : badUsage(`--${name} is "${text}"; it must be a whole number of at least 1`);
}

/** One of a few words, or the default. */
export function wordArgument<Word extends string>(name: string, text: string | undefined, otherwise: Word, words: readonly Word[]): Word {
  if (text === undefined) return otherwise;
  return words.find((word) => word === text) ?? badUsage(`--${name} is "${text}"; it must be one of ${words.join(', ')}`);
}
