import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evaluator } from '../../src/objective/evaluator.ts';
import { Archive } from '../../src/result/archive.ts';
import { polish } from '../../src/result/polish.ts';

function evaluatorOf(dim: number, f: (x: Float64Array) => number, precision: 'f64' | 'f32' = 'f64'): Evaluator & { calls: number } {
  const round = precision === 'f32' ? Math.fround : (v: number) => v;
  const evaluator = {
    dim,
    precision,
    hasGradient: false,
    evaluations: 0,
    gradientEvaluations: 0,
    calls: 0,
    async evaluate(points: Float64Array) {
      evaluator.calls++;
      evaluator.evaluations += points.length / dim;
      return Float64Array.from({ length: points.length / dim }, (_, row) => round(f(points.slice(row * dim, (row + 1) * dim).map(round))));
    },
  };
  return evaluator;
}
const point = (x: number[], scale: number, value: number) => ({
  x: Float64Array.from(x),
  scale: new Float64Array(x.length).fill(scale),
  value,
});

/** Twin peaks at -1 and 1 (the right one higher) with a valley between. */
const twin = ([x]: Float64Array) => -((x * x - 1) ** 2) + 0.01 * x;
const himmelblau = ([x, y]: Float64Array) => 200 - (x * x + y - 11) ** 2 - (x + y * y - 7) ** 2;

describe('adding', () => {
  it('counts finds of one mode, keeps the better one, lists best first', async () => {
    const evaluator = evaluatorOf(1, twin);
    const archive = new Archive<string>(evaluator);
    expect((await archive.add(point([-1], 0.1, -0.01), { foundAt: 100, meta: 'a' })).isNew).toBe(true);
    expect((await archive.add(point([1], 0.1, 0.01), { foundAt: 200, meta: 'b' })).isNew).toBe(true);
    const again = await archive.add(point([1 + 1e-6], 0.1, 0.0100001), { foundAt: 300, meta: 'c' });
    expect(again).toMatchObject({ isNew: false, mode: { count: 2, foundAt: 200, meta: 'c', value: 0.0100001 } });
    await archive.add(point([-1 + 1e-6], 0.1, -0.02), { foundAt: 400, meta: 'd', independent: false });
    expect(evaluator.evaluations).toBe(0);
    expect(archive.size).toBe(2);
    expect(archive.counts).toEqual([2, 1]);
    expect(archive.modes()).toMatchObject([
      { value: 0.0100001, global: true, count: 2 },
      { value: -0.01, global: false, count: 1, meta: 'a', foundAt: 100 },
    ]);
    expect(archive.modes({ globalTolerance: 1 }).every(({ global }) => global)).toBe(true);
  });

  it('asks along the segment where two finds are near', async () => {
    const evaluator = evaluatorOf(1, twin);
    const archive = new Archive(evaluator);
    // A wide component's scale makes the two peaks near; the valley tells them apart.
    await archive.add(point([-1], 3, twin(Float64Array.of(-1))), { foundAt: 0 });
    expect((await archive.add(point([1], 3, twin(Float64Array.of(1))), { foundAt: 0 })).isNew).toBe(true);
    expect(evaluator.evaluations).toBe(2);
    // A badly polished find on the same hill.
    expect((await archive.add(point([1.02], 3, twin(Float64Array.of(1.02))), { foundAt: 0 })).isNew).toBe(false);
    expect(evaluator.evaluations).toBe(7);
    const unchecked = await archive.add(point([1.03], 3, twin(Float64Array.of(1.03))), { foundAt: 0 }, { maxEvaluations: 1 });
    expect(unchecked.isNew).toBe(true);
    expect(evaluator.evaluations).toBe(7);
  });

  it('sees a shallow valley beside the lower of two strict peaks', async () => {
    const f = ([x]: Float64Array) => (x < 0.1 ? -20 * Math.abs(x) : x - 2.1);
    const archive = new Archive(evaluatorOf(1, f));
    await archive.add(point([0], 2, 0), { foundAt: 0 });
    expect((await archive.add(point([2.1], 3, 0), { foundAt: 0 })).isNew).toBe(true);
  });

  it('measures across a narrow ridge in the covariance', async () => {
    // Two parallel ridges a hundredth apart, each a unit long.
    const f = ([x, y]: Float64Array) => -x * x - 1e-3 * Math.cos(200 * Math.PI * (y - x)) ** 2;
    const archive = new Archive(evaluatorOf(2, f), { identical: 0.05 });
    const covariance = Float64Array.of(0.5, 0.4999999, 0.4999999, 0.5);
    const peak = (y: number) => ({ ...point([0, y], 0.7, 0), covariance });
    await archive.add(peak(0.0025), { foundAt: 0 });
    expect((await archive.add(peak(0.0075), { foundAt: 0 })).isNew).toBe(true);
    expect((await archive.add(peak(0.0025), { foundAt: 0 })).isNew).toBe(false);
  });

  it('gathers polished starts of Himmelblau into its four minima', async () => {
    const start = fc.tuple(
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.double({ min: 0.05, max: 2, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(start, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('f64' as const, 'f32' as const),
        async (starts, precision) => {
          const evaluator = evaluatorOf(2, himmelblau, precision);
          const archive = new Archive(evaluator);
          const polished = await polish(
            evaluator,
            starts.map(([x, y, scale]) => point([x, y], scale, 0)),
            undefined,
          );
          for (const each of polished) if (each.isMode) await archive.add(each, { foundAt: evaluator.evaluations });
          expect(archive.size).toBeLessThanOrEqual(4);
          expect(archive.counts.reduce((sum, count) => sum + count, 0)).toBe(polished.filter(({ isMode }) => isMode).length);
          const values = archive.modes().map(({ value }) => value);
          expect(values).toEqual([...values].sort((a, b) => b - a));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('matching', () => {
  it('says which hill a mean lies on, in few calls', async () => {
    const evaluator = evaluatorOf(1, twin);
    const archive = new Archive(evaluator);
    await archive.add(point([-1], 0.3, twin(Float64Array.of(-1))), { foundAt: 0 });
    await archive.add(point([1], 0.3, twin(Float64Array.of(1))), { foundAt: 0 });
    const means = [-1.3, -0.7, 0.4, 1.2, 1, 40].map((x) => ({ x: Float64Array.of(x), scale: Float64Array.of(0.3) }));
    const matched = await archive.match(means);
    expect(matched.map((mode) => mode?.x[0])).toEqual([-1, -1, 1, 1, 1, undefined]);
    expect(evaluator.calls).toBe(2);
    expect(evaluator.evaluations).toBe(4 * 6);
    expect(archive.counts).toEqual([1, 1]);
    archive.recordFind(matched[3]!);
    expect(archive.counts).toEqual([2, 1]);
  });

  it('matches nothing on an unseen hill, on a wall, or without evaluations left', async () => {
    const evaluator = evaluatorOf(1, ([x]) => (x > 5 ? NaN : Math.cos(x)));
    evaluator.evaluate = (
      (plain) => async (points: Float64Array) =>
        (await plain(points)).map((value) => (Number.isFinite(value) ? value : -Infinity))
    )(evaluator.evaluate);
    const archive = new Archive(evaluator);
    await archive.add(point([0], 1, 1), { foundAt: 0 });
    const at = (x: number) => ({ x: Float64Array.of(x), scale: Float64Array.of(1) });
    expect(await archive.match([at(-6.1), at(5.5)])).toEqual([undefined, undefined]);
    expect((await archive.match([at(0.5)]))[0]?.x[0]).toBe(0);
    const before = evaluator.evaluations;
    expect(await archive.match([at(0.5), at(0.6)], { maxEvaluations: 5 })).toEqual([undefined, undefined]);
    expect(evaluator.evaluations - before).toBeLessThanOrEqual(5);
    expect(await new Archive(evaluator).match([at(0)])).toEqual([undefined]);
  });
});
