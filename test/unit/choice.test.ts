/** How evenly the rows of a shared batch fall on the components: by the twin, which the kernels are compared with. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { choiceNumber } from '../reference/draw.ts';

/** The numbers of rows whose choices fall into shares of (0, 1) of these sizes. */
function rowsOf(weights: readonly number[], rows: number, round: number): number[] {
  const total = weights.reduce((a, b) => a + b);
  const ends = weights.map((_, k) => weights.slice(0, k + 1).reduce((a, b) => a + b) / total);
  const counts = weights.map(() => 0);
  // The first row of a family speaks for all of it.
  const numbers = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    const family = Math.floor(row / 2048) * 2048 + (row % 256);
    const u = numbers.get(family) ?? choiceNumber(row, round, [7, 3]);
    numbers.set(family, u);
    counts[ends.findIndex((end, k) => u < end || k === weights.length - 1)]!++;
  }
  return counts;
}

it('gives each component the rows of its weight, within three families of eight', () => {
  const weights = fc.array(fc.double({ min: 0.02, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 6000 }), fc.nat(1000), (shares, rows, round) => {
      const total = shares.reduce((a, b) => a + b);
      rowsOf(shares, rows, round).forEach((count, k) => {
        expect(Math.abs(count - (rows * shares[k]!) / total)).toBeLessThanOrEqual(24);
      });
    }),
    { numRuns: 40, seed: 1 },
  );
});

it('gives a small component a row as often as its weight says', () => {
  const rounds = 300;
  let rows = 0;
  for (let round = 0; round < rounds; round++) rows += rowsOf([0.003, 0.997], 100, round)[0]!;
  // A row at most a round: a binomial number, of standard deviation 8.
  expect(Math.abs(rows - 0.3 * rounds)).toBeLessThan(32);
});
