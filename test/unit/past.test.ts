import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAF } from '../../src/kernels/state.ts';
import { firstAllotment } from '../../src/schedule/allotment.ts';
import { allot, pastSlot } from '../reference/adapt.ts';

/** What the store holds after `drawn` rows, written one after the other. */
function store(drawn: number, R: number): (number | undefined)[] {
  const slots = new Array<number | undefined>(R).fill(undefined);
  for (let i = 0; i < drawn; i++) {
    const slot = pastSlot(i, R);
    if (slot !== undefined) slots[slot] = i;
  }
  return slots;
}

const multiples = (step: number, below: number): number[] => Array.from({ length: below / step }, (_, i) => i * step);

describe('store of past samples', () => {
  for (const R of [2, 4, 8, 64]) {
    for (const e of [0, 1, 2, 3, 4, 5]) {
      it(`R = ${R}: after epoch ${e} it holds the multiples of ${2 ** e}`, () => {
        expect(store(R * 2 ** e, R).toSorted((a, b) => a! - b!)).toEqual(multiples(2 ** e, R * 2 ** e));
      });
      it(`R = ${R}: in epoch ${e} every slot is taken at most once, and only by multiples of ${2 ** e}`, () => {
        const from = e === 0 ? 0 : R * 2 ** (e - 1);
        const rows = Array.from({ length: R * 2 ** e - from }, (_, i) => from + i);
        const kept = rows.filter((i) => pastSlot(i, R) !== undefined);
        expect(kept).toEqual(rows.filter((i) => i % 2 ** e === 0));
        const slots = kept.map((i) => pastSlot(i, R)!);
        expect(new Set(slots).size).toBe(slots.length);
        expect(slots.every((slot) => Number.isInteger(slot) && slot >= 0 && slot < R)).toBe(true);
        // What is overwritten is what the new epoch does not keep.
        if (e > 0) {
          const before = store(from, R);
          expect(slots.every((slot) => (before[slot]! / 2 ** (e - 1)) % 2 === 1)).toBe(true);
        }
      });
    }
  }

  it('fills from the first slot on, and stays full', () => {
    const R = 16;
    for (let drawn = 0; drawn < 8 * R; drawn++) {
      const filled = store(drawn, R).map((row) => row !== undefined);
      expect(filled).toEqual(filled.map((_, slot) => slot < Math.min(drawn, R)));
    }
  });

  it('gives rows less than R - 1 apart different slots, so that a batch writes without conflict', () => {
    for (const R of [2, 4, 8, 32]) {
      const last = new Map<number, number>();
      for (let i = 0; i < 64 * R; i++) {
        const slot = pastSlot(i, R);
        if (slot === undefined) continue;
        expect(i - (last.get(slot) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(R - 1);
        last.set(slot, i);
      }
    }
  });

  it('row i follows row i - (R - 1) 2^(e-1) in its slot', () => {
    const R = 32;
    for (let i = R; i < 64 * R; i++) {
      const slot = pastSlot(i, R);
      if (slot === undefined) continue;
      const e = Math.floor(Math.log2(i / R)) + 1;
      const earlier = i - (R - 1) * 2 ** (e - 1);
      expect(pastSlot(earlier, R)).toBe(slot);
      expect(earlier).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('first allotment', () => {
  it('is what the rule for later iterations gives with nothing to reuse', () => {
    const inputs = fc.record({
      proposal: fc.constantFrom('component' as const, 'mixture' as const),
      components: fc.integer({ min: 1, max: 1100 }),
      samples: fc.integer({ min: 1, max: 3000 }),
      rowBudget: fc.integer({ min: 1, max: 100_000 }),
      reuse: fc.nat(1000),
    });
    fc.assert(
      fc.property(inputs, (options) => {
        const got = firstAllotment(options);
        const want = allot(new Array<number>(options.components).fill(0), {
          ...options,
          rowCapacity: 1e6,
          leaf: LEAF,
          drawn: 0,
          evaluations: 0,
          maxEvaluations: Number.POSITIVE_INFINITY,
        });
        expect(got).toEqual({ draws: want.draws, first: want.first, fresh: want.fresh, rows: want.rows, leaves: want.leaves });
      }),
      { seed: 20250107, numRuns: 200 },
    );
  });

  it('shares a small budget out, one row each at least', () => {
    expect(firstAllotment({ proposal: 'component', components: 3, samples: 100, rowBudget: 20 })).toEqual({
      draws: [6, 6, 6],
      first: [0, 6, 12],
      fresh: 18,
      rows: 18,
      leaves: 1,
    });
    expect(firstAllotment({ proposal: 'component', components: 3, samples: 100, rowBudget: 2 }).draws).toEqual([1, 1, 1]);
    expect(firstAllotment({ proposal: 'mixture', components: 3, samples: 600, rowBudget: 1000 })).toMatchObject({ fresh: 600, leaves: 3 });
  });
});
