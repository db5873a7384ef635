/** Checking options: unknown names with the nearest known ones, numbers within their ranges. */
import { OptionError } from '../gpu/errors.ts';

/** The known names nearest to a mistyped one, best first; none if nothing is near. */
export function nearest(name: string, known: readonly string[]): string[] {
  return known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, distance }) => distance <= Math.max(2, Math.ceil(candidate.length / 3)) || candidate.startsWith(name.toLowerCase()),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `unknown method "nvaa"; did you mean nva?` */
export function unknownName(what: string, name: string, known: readonly string[]): OptionError {
  const near = nearest(name, known);
  return new OptionError(
    `unknown ${what} "${name}"; ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known: ${known.join(', ')}`}`,
  );
}

/** @throws OptionError naming the first key that is not known. */
export function checkNames(what: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) if (!known.includes(name)) throw unknownName(what, name, known);
}

interface Range {
  min: number;
  max: number;
  whole?: boolean;
  /** The lower bound itself is not allowed. */
  above?: boolean;
}

/** A number in a range, or the default when not given. @throws OptionError */
export function numberOption<T extends number | undefined>(name: string, value: unknown, fallback: T, range: Range): number | T {
  if (value === undefined) return fallback;
  const { min, max, whole, above } = range;
  const kind = whole ? 'a whole number' : 'a number';
  const span =
    max === Number.POSITIVE_INFINITY
      ? `${above ? 'above' : 'at least'} ${min}`
      : `${above ? 'above' : 'from'} ${min} ${above ? 'and at most' : 'to'} ${max}`;
  const sound =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (above ? value > min : value >= min) &&
    value <= max &&
    (!whole || Number.isInteger(value));
  if (!sound)
    throw new OptionError(`${name} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}; it must be ${kind} ${span}`);
  return value as number;
}

/** One of a few words, or the default. @throws OptionError */
export function choiceOption<T extends string, F extends T | undefined>(
  name: string,
  value: unknown,
  fallback: F,
  choices: readonly T[],
): T | F {
  if (value === undefined) return fallback;
  if (typeof value !== 'string' || !choices.includes(value as T)) throw unknownName(name, String(value), choices);
  return value as T;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
