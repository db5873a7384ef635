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

/** The order of float32 numbers as one of whole numbers, largest first. */
function descendingKey(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  return bits >= 2 ** 31 ? bits : 2 ** 31 - 1 - bits;
}

/** Samples that share ranks: those of a bin of the refined histogram, best bins first. */
export function rankBins(values: readonly (number | undefined)[], missing: number, bits: readonly number[], nodes: number): number[][] {
  const keys = values.map((value) => descendingKey(value ?? missing));
  const split = (samples: number[], below: number, level: number): number[][] => {
    const bins = new Map<number, number[]>();
    for (const i of samples) {
      const bin = Math.floor(keys[i] / 2 ** (below - bits[level])) % 2 ** bits[level];
      const there = bins.get(bin);
      if (there) there.push(i);
      else bins.set(bin, [i]);
    }
    return [...bins.entries()]
      .sort(([a], [b]) => a - b)
      .flatMap(([, bin]) =>
        bin.length * nodes > values.length && level + 1 < bits.length ? split(bin, below - bits[level], level + 1) : [bin],
      );
  };
  return split(
    values.map((_, i) => i),
    32,
    0,
  );
}

/** Of samples in bins: the mean utility of the ranks of their bin. */
export function sharedUtilities(bins: readonly number[][], values: readonly (number | undefined)[], options: UtilityOptions): number[] {
  const result = new Array<number>(values.length).fill(0);
  let rank = 0;
  for (const bin of bins) {
    let sum = 0;
    for (let r = rank + 1; r <= rank + bin.length; r++) sum += Math.max(0, options.offset - Math.log(r)) * options.scale - options.shift;
    rank += bin.length;
    for (const i of bin) if (values[i] !== undefined) result[i] = sum / bin.length;
  }
  return result;
}
