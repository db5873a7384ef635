/** What the problem files share on the host: families of one problem, the dimension check, products of one-dimensional answers. */
import type { Problem, ProblemFamily } from './problem.ts';

/** The family of a problem that exists at one dimension only. */
export function fixedFamily(problem: Problem): ProblemFamily {
  const { name, title, sense, dimension } = problem;
  const dimensions = { default: dimension, min: dimension, max: dimension };
  return {
    name,
    title,
    sense,
    dimensions,
    at: (asked = dimension) => {
      checkDimension(name, asked, dimensions);
      return problem;
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
