/** Ranks, best first, and the utilities they earn (formulas/nva.md 3.4 d; Hansen and Ostermeier 2001, Wierstra et al. 2014). */
export interface UtilityOptions {
  /** utility of rank r = 1, 2, ...: max(0, offset - log r) scale - shift */
  offset: number;
  scale: number;
  shift: number;
}

/** The samples' numbers, largest value first; ties keep their order, samples without a value come last. */
export function rankOrder(values: readonly (number | undefined)[]): number[] {
  const value = (i: number) => values[i] ?? -Infinity;
  return values.map((_, i) => i).sort((a, b) => (value(a) === value(b) ? a - b : value(b) - value(a)));
}

export function utilities(values: readonly (number | undefined)[], options: UtilityOptions): number[] {
  const result = new Array<number>(values.length).fill(0);
  rankOrder(values).forEach((sample, position) => {
    if (values[sample] === undefined) return;
    result[sample] = Math.max(0, options.offset - Math.log(position + 1)) * options.scale - options.shift;
  });
  return result;
}
