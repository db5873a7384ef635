/** What the problem files share on the host: families of one problem, the dimension check, products of one-dimensional answers. */
import type { Problem, ProblemFamily } from './problem.ts';

/** The family of a problem that exists at one dimension only. */
export const fixedFamily = (problem: Problem): ProblemFamily => madeFamily(problem, () => problem);

/** As {@link fixedFamily}, for a problem whose content takes time to generate: `make` runs once, at the first call of `at`. */
export function madeFamily(
  { name, title, sense, dimension }: Pick<Problem, 'name' | 'title' | 'sense' | 'dimension'>,
  make: () => Problem,
): ProblemFamily {
  const dimensions = { default: dimension, min: dimension, max: dimension };
  let made: Problem | undefined;
  return {
    name,
    title,
    sense,
    dimensions,
    at: (asked = dimension) => {
      checkDimension(name, asked, dimensions);
      made ??= make();
      return made;
    },
  };
}

/** Throws a RangeError unless `dimension` is a whole number in the range. */
export function checkDimension(name: string, dimension: number, { min, max }: { readonly min: number; readonly max: number }): void {
  if (Number.isInteger(dimension) && dimension >= min && dimension <= max) return;
  const allowed = min === max ? `dimension ${min} only` : `a whole dimension from ${min} to ${max}`;
  throw new RangeError(`${name} takes ${allowed}, not ${dimension}`);
}

/** All points whose coordinate `i` is one of `lists[i]`; the last coordinate changes fastest. */
export function product(lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>((points, list) => points.flatMap((point) => list.map((x) => [...point, x])), [[]]);
}
