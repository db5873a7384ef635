/** Defaults of a search by dimension and budget: one table, chosen on the public problems and frozen. */
import { FINAL_SHARE } from '../schedule/temperature.ts';
import type { Method } from './method.ts';

export interface SearchDefaults {
  components: number;
  samples: number;
  /** Evaluations after which a search stops by itself. */
  evaluations: number;
}

export function searchDefaults(dim: number, method: Method): SearchDefaults {
  return { components: method.components ?? (dim === 1 ? 8 : 16), samples: method.samples ?? 32, evaluations: 2_000_000 };
}

/** Points of the pool of start candidates, wave by wave: twice as many each time. */
export const poolSize = (dim: number, wave: number): number => Math.min(8192, (dim === 1 ? 128 : dim <= 3 ? 256 : 512) * 2 ** (wave - 1));

/** Share of a budget that one annealed wave may use. */
export const WAVE_SHARE = 0.25;
/** Fewest components, and fastest cooling (times the method's own), that an annealed wave is squeezed to. */
const FEWEST_COMPONENTS = 4;
const FASTEST_COOLING = 4;

/** Evaluations an annealed wave of the adaptive schedule takes, roughly: near a mode omega falls by cooling sqrt(2/d) an iteration. */
function waveCost(dim: number, components: number, samples: number, cooling: number): number {
  return (1.3 * components * samples * Math.log(1 / FINAL_SHARE)) / (cooling * Math.sqrt(2 / dim));
}

/** Components and cooling of the annealed waves under a budget: faster cooling first, then fewer components, if it must be. */
export function fitWave(
  dim: number,
  method: Method,
  components: number,
  samples: number,
  evaluations: number,
): { components: number; cooling: number | undefined; cost: number } {
  const { temperature } = method;
  if (temperature.kind !== 'adaptive') return { components, cooling: undefined, cost: 0 };
  const room = WAVE_SHARE * evaluations;
  const own = temperature.cooling;
  const cooling = Math.min(FASTEST_COOLING * own, Math.max(own, (own * waveCost(dim, components, samples, own)) / room));
  const few = Math.floor((components * room) / waveCost(dim, components, samples, cooling));
  const kept = Math.max(Math.min(components, FEWEST_COMPONENTS), Math.min(components, few));
  return { components: kept, cooling, cost: waveCost(dim, kept, samples, cooling) };
}
