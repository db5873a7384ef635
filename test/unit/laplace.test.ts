import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evaluator } from '../../src/objective/evaluator.ts';
import { curvatureCovariance, laplaceWeights } from '../../src/result/laplace.ts';

function evaluatorOf(
  dim: number,
  f: (x: Float64Array) => number,
  precision: 'f64' | 'f32' = 'f64',
  gradient?: (x: Float64Array) => number[],
): Evaluator {
  const round = precision === 'f32' ? Math.fround : (v: number) => v;
  const rows = (points: Float64Array) =>
    Array.from({ length: points.length / dim }, (_, row) => points.slice(row * dim, (row + 1) * dim).map(round));
  const evaluator = {
    dim,
    precision,
    hasGradient: gradient !== undefined,
    evaluations: 0,
    gradientEvaluations: 0,
    async evaluate(points: Float64Array) {
      evaluator.evaluations += points.length / dim;
      return Float64Array.from(rows(points), (x) => (Number.isFinite(f(x)) ? round(f(x)) : -Infinity));
    },
    evaluateWithGradient:
      gradient &&
      (async (points: Float64Array) => ({
        values: await evaluator.evaluate(points),
        gradients: Float64Array.from(rows(points).flatMap((x) => gradient(x))),
      })),
  };
  return evaluator;
}

describe('laplaceWeights', () => {
  it('shares by height and volume, in log space', () => {
    const weights = laplaceWeights([
      {
        value: 0,
        covariance: [
          [1, 0],
          [0, 1],
        ],
      },
      {
        value: Math.log(2),
        covariance: [
          [4, 0],
          [0, 1],
        ],
      },
    ]);
    expect(weights[0]).toBeCloseTo(1 / 5, 14);
    expect(weights[1]).toBeCloseTo(4 / 5, 14);
    expect(
      laplaceWeights([
        { value: 1e5, covariance: [[1]] },
        { value: 1e5, covariance: [[1e-300]] },
        { value: -1e300, covariance: [[1]] },
      ])[0],
    ).toBe(1);
  });

  it('gives nothing to a mode without a usable covariance, unless none has one', () => {
    expect(laplaceWeights([{ value: 0, covariance: [[1]] }, { value: 9, covariance: [[-1]] }, { value: 9 }])).toEqual([1, 0, 0]);
    expect(laplaceWeights([{ value: 3 }, { value: 3 }])).toEqual([0.5, 0.5]);
    expect(laplaceWeights([])).toEqual([]);
  });

  it('sums to one and does not mind a shift', () => {
    const mode = fc.record({
      value: fc.double({ min: -800, max: 800, noNaN: true }),
      variance: fc.double({ min: 1e-12, max: 1e12, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(mode, { minLength: 1, maxLength: 20 }), (modes) => {
        const at = (shift: number) =>
          laplaceWeights(modes.map(({ value, variance }) => ({ value: value + shift, covariance: [[variance]] })));
        expect(at(0).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        for (const [i, share] of at(1000).entries()) expect(share).toBeCloseTo(at(0)[i], 9);
      }),
    );
  });
});

describe('curvatureCovariance', () => {
  const covariance = [0.5, 0.3, 0.3, 0.4];
  const [a, b, c] = [0.4 / 0.11, -0.3 / 0.11, 0.5 / 0.11];
  const f = ([x, y]: Float64Array) => 7 - (a * x * x + 2 * b * x * y + c * y * y) / 2 + 0.1 * x ** 4;
  const gradient = ([x, y]: Float64Array) => [-a * x - b * y + 0.4 * x ** 3, -b * x - c * y];

  it.each(['f64', 'f32'] as const)('inverts the curvature in %s', async (precision) => {
    for (const slope of [undefined, gradient]) {
      const evaluator = evaluatorOf(2, f, precision, slope);
      const found = await curvatureCovariance(evaluator, Float64Array.of(0, 0), Float64Array.of(0.7, 0.6));
      expect(evaluator.evaluations).toBe(slope ? 9 : 14);
      for (const [k, value] of covariance.entries()) expect(Math.abs(found![k] - value)).toBeLessThan(precision === 'f64' ? 1e-5 : 2e-2);
    }
  });

  it('stays in the box, and is undefined where there is no top', async () => {
    const bounds = { lower: Float64Array.of(0, 0), upper: Float64Array.of(1, 1) };
    const inside = evaluatorOf(2, (x) => (Math.min(...x) < 0 ? NaN : -(x[0] ** 2) - 2 * x[1] ** 2));
    const found = await curvatureCovariance(inside, Float64Array.of(0, 0), Float64Array.of(0.1, 0.1), bounds);
    expect(found![0]).toBeCloseTo(0.5, 5);
    expect(found![3]).toBeCloseTo(0.25, 5);
    expect(
      await curvatureCovariance(
        evaluatorOf(2, ([x, y]) => x * y),
        Float64Array.of(0, 0),
        Float64Array.of(1, 1),
      ),
    ).toBeUndefined();
    expect(
      await curvatureCovariance(
        evaluatorOf(1, () => NaN),
        Float64Array.of(0),
        Float64Array.of(1),
      ),
    ).toBeUndefined();
  });

  it('holds axes of very different size', async () => {
    const evaluator = evaluatorOf(3, ([x, y, z]) => -((x / 1e-6) ** 2) - y * y - (z / 1e5) ** 2);
    const found = await curvatureCovariance(evaluator, new Float64Array(3), Float64Array.of(1e-6, 1, 1e5));
    expect(found![0] / 5e-13).toBeCloseTo(1, 5);
    expect(found![4] / 0.5).toBeCloseTo(1, 5);
    expect(found![8] / 5e9).toBeCloseTo(1, 5);
  });
});
