/** The rows of the first iteration, as the adapt kernel allots those of all later ones (shaders/lib/allot.wgsl). */
import type { RowProposal } from '../kernels/adapt.ts';
import { LEAF } from '../kernels/state.ts';

export interface Allotment {
  /** Rows that each component draws, and the number of its first one; 0 where the mixture draws. */
  draws: number[];
  first: number[];
  /** Rows drawn, rows in all, and the leaves they are summed in. */
  fresh: number;
  rows: number;
  leaves: number;
}

/** Nothing is there yet to be used again. `samples`: rows a component, or of the whole mixture where that draws. */
export function firstAllotment(options: { proposal: RowProposal; components: number; samples: number; rowBudget: number }): Allotment {
  const { proposal, components, samples, rowBudget } = options;
  const none = new Array<number>(components).fill(0);
  if (proposal === 'mixture') {
    const fresh = Math.max(Math.min(samples, rowBudget), 1);
    return { draws: none, first: none, fresh, rows: fresh, leaves: Math.ceil(fresh / LEAF) };
  }
  const each = Math.max(Math.min(samples, Math.floor(rowBudget / components)), 1);
  const fresh = each * components;
  return {
    draws: none.map(() => each),
    first: none.map((_, k) => k * each),
    fresh,
    rows: fresh,
    leaves: Math.ceil(fresh / LEAF),
  };
}
