/** Weights along the flow and their floor (formulas/kalman.md 3.1.4, 3.3). */
import { sum, type Vector } from './matrix.ts';

export interface Weighed {
  logWeight: number;
  /** F, rate and whether there was any value. */
  value: number;
  rate: number;
  usable: number;
}

function normalise(logs: Vector): Vector {
  const top = Math.max(...logs);
  const total = top + Math.log(sum(logs.map((log) => Math.exp(log - top))));
  return logs.map((log) => log - total);
}

/** log w += rate (F - sum w F) over those with values, normalised. */
export function flowedWeights(components: readonly Weighed[]): Vector {
  const valued = components.filter(({ usable }) => usable > 0);
  const top = Math.max(...valued.map(({ logWeight }) => logWeight));
  const weights = valued.map(({ logWeight }) => Math.exp(logWeight - top));
  const centre = valued.length > 0 ? sum(valued.map(({ value }, i) => weights[i] * value)) / sum(weights) : 0;
  return normalise(components.map(({ logWeight, rate, value, usable }) => (usable > 0 ? logWeight + rate * (value - centre) : logWeight)));
}

/** Those below `least` get it, the others share the rest. */
export function flooredWeights(logs: Vector, least: number): Vector {
  const low = (log: number) => log < Math.log(least);
  const others = sum(logs.filter((log) => !low(log)).map(Math.exp));
  const share = (1 - logs.filter(low).length * least) / others;
  return logs.map((log) => (low(log) ? Math.log(least) : log + Math.log(share)));
}
