/** Which components of a fitted mixture make up one mode: those between which its density does not dip. */
import { type LogMixture, logDensity } from './posterior.ts';

/** How far the log density may dip between two means of the same mode. */
const DIP = 0.1;
const STEPS = 9;
/** Denser neighbours each component is compared with. */
const NEIGHBOURS = 4;

/** For every component the number of its mode, numbered from 0 by falling density at its highest mean. */
export function modesOfMixture(mixture: LogMixture): number[] {
  const { dim, means, logWeights } = mixture;
  const mean = (k: number) => means.subarray(k * dim, (k + 1) * dim);
  const heights = logDensity(mixture, means);
  const order = Array.from(logWeights, (_, k) => k).sort((a, b) => heights[b]! - heights[a]!);
  /** The highest component of each one's mode, or one that leads there. */
  const leader = Array.from(order, (_, k) => k);
  const top = (k: number): number => (leader[k] === k ? k : top(leader[k]!));
  const rankOf = new Map(order.map((k, rank) => [k, rank]));
  order.forEach((k, rank) => {
    const joined = order
      .slice(0, rank)
      .map((i) => ({ i, distance: Math.hypot(...mean(i).map((x, axis) => x - mean(k)[axis]!)) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, NEIGHBOURS)
      .filter(({ i }) => !dips(mixture, mean(k), mean(i), heights[k]!))
      .map(({ i }) => top(i));
    joined.forEach((other, turn) => {
      // To the nearest; and two modes between whose tops this one is no dip are one.
      const own = top(k);
      const [higher, lower] = rankOf.get(own)! < rankOf.get(top(other))! ? [own, top(other)] : [top(other), own];
      if (turn === 0 || heights[lower]! - heights[k]! < DIP) leader[lower] = higher;
    });
  });
  const tops = order.filter((k) => leader[k] === k);
  return leader.map((_, k) => tops.indexOf(top(k)));
}

/** Whether the density falls below `level`, that of the lower end, on the way. */
function dips(mixture: LogMixture, from: Float64Array, to: Float64Array, level: number): boolean {
  const between = new Float64Array(STEPS * from.length);
  for (let step = 0; step < STEPS; step++) {
    const share = (step + 1) / (STEPS + 1);
    from.forEach((x, i) => {
      between[step * from.length + i] = x + share * (to[i]! - x);
    });
  }
  return logDensity(mixture, between).some((height) => height < level - DIP);
}
