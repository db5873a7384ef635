import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unseenModes } from '../../src/result/unseen.ts';

describe('unseenModes', () => {
  it('knows the extremes', () => {
    expect(unseenModes([])).toEqual({ expected: 1, share: 1 });
    expect(unseenModes([1]).share).toBeGreaterThanOrEqual(0.5);
    expect(unseenModes([1, 1, 1, 1]).share).toBeGreaterThan(0.7);
    expect(unseenModes([40, 35, 60, 20])).toEqual({ expected: 0, share: 0 });
  });

  it('is Chao1 where that is the larger', () => {
    // f1 = 6, f2 = 1, n = 40: 39/40 * 6*5 / (2*2) = 7.3125; Good-Turing: 9 * (6/41) / (35/41) = 1.54.
    expect(unseenModes([1, 1, 1, 1, 1, 1, 2, 12, 20]).expected).toBeCloseTo(7.3125, 12);
  });

  it('stays in range and falls as once-found modes are found again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 }), (counts) => {
        const { expected, share } = unseenModes(counts);
        expect(expected).toBeGreaterThanOrEqual(0);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThan(1);
        expect(share).toBeCloseTo(expected / (expected + counts.length), 12);
        expect(unseenModes(counts.map((count) => (count === 1 ? 3 : count))).expected).toBe(0);
        expect(unseenModes([...counts].reverse()).expected).toBe(expected);
      }),
    );
  });
});
