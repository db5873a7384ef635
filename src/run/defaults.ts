/** Defaults of a search by dimension: one table, chosen on the public problems and frozen. */
import type { Method } from './method.ts';

export interface SearchDefaults {
  components: number;
  samples: number;
  /** Evaluations after which a search stops by itself. */
  evaluations: number;
  /** Points of the first pool of start candidates; later pools grow. */
  candidates: number;
}

export function searchDefaults(dim: number, method: Method): SearchDefaults {
  return {
    components: method.components ?? 16,
    samples: method.samples ?? 32,
    evaluations: 2_000_000,
    candidates: dim === 1 ? 128 : dim <= 3 ? 512 : 1024,
  };
}
