/** How evenly the rows of a shared batch fall on the components: by the twin, which the kernels are compared with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comesTogether, TOGETHER_FROM } from '../../src/kernels/shared-sample.ts';
import { choiceNumber } from '../reference/draw.ts';

/** The numbers of rows whose choices fall into shares of (0, 1) of these sizes, by the rule for as many rows. */
function rowsOf(weights: readonly number[], rows: number, round: number): number[] {
  const total = weights.reduce((a, b) => a + b);
  const ends = weights.map((_, k) => weights.slice(0, k + 1).reduce((a, b) => a + b) / total);
  const counts = weights.map(() => 0);
  const together = comesTogether('mixture', rows);
  const numbers = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    // The first row of a family speaks for all of it.
    const first = together ? Math.floor(row / 2048) * 2048 + (row % 256) : row;
    const u = numbers.get(first) ?? choiceNumber(row, together, round, [7, 3]);
    numbers.set(first, u);
    counts[ends.findIndex((end, k) => u < end || k === weights.length - 1)]!++;
  }
  return counts;
}

describe.each([
  ['rows one by one', 1, 6000, 3],
  ['rows by eights', TOGETHER_FROM, TOGETHER_FROM + 6000, 24],
])('%s', (_, min, max, bound) => {
  it(`go to each component by its weight, ${bound} at most too many or too few`, () => {
    const weights = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.integer({ min, max }), fc.nat(1000), (shares, rows, round) => {
        const total = shares.reduce((a, b) => a + b);
        rowsOf(shares, rows, round).forEach((count, k) => {
          expect(Math.abs(count - (rows * shares[k]!) / total)).toBeLessThanOrEqual(bound);
        });
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('go to a small component as often as its weight says', () => {
    const rounds = 100;
    const rows = Math.max(min, 100);
    const weight = 4 / rows;
    const counts = Array.from({ length: rounds }, (_, round) => rowsOf([weight, 1 - weight], rows, round)[0]!);
    const mean = counts.reduce((a, b) => a + b) / rounds;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (rounds - 1);
    expect(Math.abs(mean - 4)).toBeLessThan(4 * Math.sqrt(variance / rounds) + 1e-9);
    // One by one they are nearly always as many; by eights they come or do not.
    expect(variance).toBeLessThan(min === 1 ? 1 : 32);
  });
});
