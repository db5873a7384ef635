/** Command-line arguments of the benches: `--name value` only. */
import { parseArgs } from 'node:util';

/** The options given, by name. Ends the process with 2 and one line when an argument is unknown or lacks its value. */
export function readArguments<Name extends string>(names: readonly Name[]): Partial<Record<Name, string>> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
    return parseArgs({ args: process.argv.slice(2), options }).values as Partial<Record<Name, string>>;
  } catch (error) {
    return badUsage(`${(error as Error).message.split('. ')[0]}. Options here: ${names.map((name) => `--${name}`).join(', ')}`);
  }
}

export function badUsage(message: string): never {
  console.error(message);
  process.exit(2);
}

/** A whole number of at least 1. */
export function countArgument(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 ? count : badUsage(`--${name} is "${text}"; it must be a whole number of at least 1`);
}
