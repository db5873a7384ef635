/** The modes as far as they are known: components that have come together, or what a whole search found and polished. */
import type { Mode, Snapshot } from '../src/index.ts';

export interface ModeRow {
  x: readonly number[];
  value: number;
  /** Of the mixture. */
  weight: number;
  /** Components that sit here: the row's ellipses. */
  components: readonly number[];
  /** Found by a search and refined; else where components stand now. */
  polished: boolean;
  global: boolean;
}

/** Components nearer than this many standard deviations of the narrower one stand on one mode. */
const NEAR = 2;

/** Components by where they stand. The value is the best that a row's components have seen. */
export function modesOf({ mixture }: Snapshot, values: readonly number[], sense: 'minimize' | 'maximize'): ModeRow[] {
  const { means, covariances, weights } = mixture;
  const better = sense === 'maximize' ? (a: number, b: number) => b - a : (a: number, b: number) => a - b;
  const order = means.map((_, k) => k).sort((a, b) => better(values[a]!, values[b]!));
  const rows: { leader: number; components: number[] }[] = [];
  for (const k of order) {
    const home = rows.find(({ leader }) => near(means[leader]!, means[k]!, covariances[leader]!, covariances[k]!));
    if (home) home.components.push(k);
    else rows.push({ leader: k, components: [k] });
  }
  return rows.map(({ leader, components }) => ({
    x: means[leader]!,
    value: values[leader]!,
    weight: components.reduce((sum, k) => sum + weights[k]!, 0),
    components,
    polished: false,
    global: false,
  }));
}

/** Modes of a search, each with the components that stand there now. */
export function foundRows(modes: readonly Mode[], { mixture }: Snapshot): ModeRow[] {
  return modes.map(({ x, value, weight, global }) => ({
    x,
    value: Math.abs(value) < 1e-12 ? 0 : value,
    weight,
    components: mixture.means.flatMap((mean, k) => (near(x, mean, mixture.covariances[k]!, mixture.covariances[k]!) ? [k] : [])),
    polished: true,
    global,
  }));
}

function near(
  a: readonly number[],
  b: readonly number[],
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
): boolean {
  return a.every((x, i) => Math.abs(x - b[i]!) <= NEAR * Math.sqrt(Math.max(Math.min(first[i]![i]!, second[i]![i]!), 1e-12)));
}
