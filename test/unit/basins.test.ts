/** Which components of a mixture make up one mode. */
import { describe, expect, it } from 'vitest';
import { modesOfMixture } from '../../src/result/basins.ts';
import type { LogMixture } from '../../src/result/posterior.ts';

/** Round Gaussians of one deviation, of equal weights where none are given. */
function mixtureOf(means: readonly (readonly number[])[], deviation = 1, weights?: readonly number[]): LogMixture {
  const dim = means[0]!.length;
  const packed = Array.from({ length: dim }, (_, i) => Array.from({ length: i + 1 }, (_, j) => (i === j ? deviation : 0))).flat();
  return {
    dim,
    logWeights: Float64Array.from(means, (_, k) => Math.log(weights?.[k] ?? 1 / means.length)),
    means: Float64Array.from(means.flat()),
    factors: Float64Array.from(means.flatMap(() => packed)),
  };
}

const ring = (count: number): number[][] =>
  Array.from({ length: count }, (_, k) => [Math.cos((2 * Math.PI * k) / count), Math.sin((2 * Math.PI * k) / count)]);

describe('modes of a mixture', () => {
  it('two Gaussians apart are two, the higher one first', () => {
    expect(modesOfMixture(mixtureOf([[-3], [3]], 1, [0.3, 0.7]))).toEqual([1, 0]);
    expect(
      modesOfMixture(
        mixtureOf(
          [
            [-3, 0, 0],
            [3, 0, 0],
          ],
          1,
          [0.7, 0.3],
        ),
      ),
    ).toEqual([0, 1]);
    // Below two deviations between them there is no dip (nva.md 3.3), and a bit above hardly one.
    expect(modesOfMixture(mixtureOf([[-1], [1]]))).toEqual([0, 0]);
    expect(modesOfMixture(mixtureOf([[-1.1], [1.1]]))).toEqual([0, 0]);
    expect(modesOfMixture(mixtureOf([[-1.6], [1.6]]))).toEqual([0, 1]);
  });

  it('one alone, and one of no weight', () => {
    expect(modesOfMixture(mixtureOf([[5, 5]]))).toEqual([0]);
    const modes = modesOfMixture(mixtureOf([[0], [100]], 1, [1, 1e-12]));
    expect(modes).toEqual([0, 1]);
  });

  it('a ring of thirty that overlap is one, whose halves are two', () => {
    const means = ring(30);
    expect(modesOfMixture(mixtureOf(means, 0.15))).toEqual(new Array(30).fill(0));
    const halves = means.map(([x, y]) => [x!, y! + (y! > 0 ? 1 : -1)]);
    const modes = modesOfMixture(mixtureOf(halves, 0.15));
    expect(new Set(modes).size).toBe(2);
    halves.forEach(([, y], k) => {
      expect(modes[k]).toBe(modes[y! > 0 ? 5 : 20]);
    });
    // So narrow that each stands alone.
    expect(new Set(modesOfMixture(mixtureOf(means, 0.03))).size).toBe(30);
  });

  it('duplicates are one, in whatever order', () => {
    const means = [
      [0, 0],
      [4, 0],
      [0, 0],
      [4, 0],
      [0.01, 0],
      [0, 0],
    ];
    expect(modesOfMixture(mixtureOf(means, 0.5))).toEqual([0, 1, 0, 1, 0, 0]);
    expect(modesOfMixture(mixtureOf(means.toReversed(), 0.5))).toEqual([0, 0, 1, 0, 1, 0]);
  });

  it('one in the valley between two does not make them one, one on the ridge does', () => {
    expect(modesOfMixture(mixtureOf([[-3], [3], [0]], 1, [0.6, 0.4, 1e-3]))).toEqual([0, 1, 0]);
    expect(modesOfMixture(mixtureOf([[-1.8], [1.8], [0]], 1, [0.34, 0.33, 0.33]))).toEqual([0, 0, 0]);
  });

  it('a chain along which weights fall is one', () => {
    const means = Array.from({ length: 12 }, (_, k) => [0.8 * k]);
    const weights = means.map((_, k) => 0.5 ** k);
    expect(modesOfMixture(mixtureOf(means, 1, weights))).toEqual(new Array(12).fill(0));
  });
});
