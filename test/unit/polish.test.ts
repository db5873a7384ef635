import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evaluator } from '../../src/objective/evaluator.ts';
import { type Bounds, type Candidate, type PolishOptions, polish } from '../../src/result/polish.ts';

type Objective = (x: Float64Array) => number;
type Gradient = (x: Float64Array) => number[];
interface Kind {
  precision?: 'f64' | 'f32';
  gradient?: Gradient;
}

/** An evaluator over a plain function; in f32 coordinates and results are rounded. */
function evaluatorOf(dim: number, f: Objective, { precision = 'f64', gradient }: Kind = {}): Evaluator & { calls: number } {
  const round = precision === 'f32' ? Math.fround : (v: number) => v;
  const rows = (points: Float64Array) =>
    Array.from({ length: points.length / dim }, (_, row) => points.slice(row * dim, (row + 1) * dim).map(round));
  const evaluator = {
    dim,
    precision,
    hasGradient: gradient !== undefined,
    evaluations: 0,
    gradientEvaluations: 0,
    calls: 0,
    async evaluate(points: Float64Array) {
      evaluator.calls++;
      evaluator.evaluations += points.length / dim;
      return Float64Array.from(rows(points), (x) => (Number.isFinite(f(x)) ? round(f(x)) : -Infinity));
    },
    evaluateWithGradient:
      gradient &&
      (async (points: Float64Array) => {
        const values = await evaluator.evaluate(points);
        evaluator.gradientEvaluations += values.length;
        return { values, gradients: Float64Array.from(rows(points).flatMap((x) => gradient(x).map(round))) };
      }),
  };
  return evaluator;
}

const candidate = (x: number[], scale: number[] | number = 1, covariance?: number[]): Candidate => ({
  x: Float64Array.from(x),
  scale: typeof scale === 'number' ? new Float64Array(x.length).fill(scale) : Float64Array.from(scale),
  covariance: covariance && Float64Array.from(covariance),
});
const box = (...sides: [number, number][]): Bounds => ({
  lower: Float64Array.from(sides, ([low]) => low),
  upper: Float64Array.from(sides, ([, high]) => high),
});
async function one(f: Objective, start: Candidate, bounds?: Bounds, kind?: Kind, options?: PolishOptions) {
  const evaluator = evaluatorOf(start.x.length, f, kind);
  const [point] = await polish(evaluator, [start], bounds, options);
  expect(point.evaluations).toBe(evaluator.evaluations);
  return point;
}
function expectNear(x: Float64Array, known: number[], tolerance: number) {
  expect(Math.max(...known.map((k, i) => Math.abs(x[i] - k)))).toBeLessThan(tolerance);
}

const himmelblau: Objective = ([x, y]) => 200 - (x * x + y - 11) ** 2 - (x + y * y - 7) ** 2;
const himmelblauGradient: Gradient = ([x, y]) => {
  const [a, b] = [x * x + y - 11, x + y * y - 7];
  return [-4 * x * a - 2 * b, -2 * a - 4 * y * b];
};
const himmelblauModes = [
  [3, 2],
  [-2.805118086952745, 3.131312518250573],
  [-3.779310253377747, -3.283185991286169],
  [3.584428340330492, -1.848126526964404],
];
const rosenbrock: Objective = (x) => -x.slice(1).reduce((sum, y, i) => sum + 100 * (y - x[i] ** 2) ** 2 + (1 - x[i]) ** 2, 0);
const rosenbrockGradient: Gradient = (x) => {
  const g = Array.from(x, () => 0);
  for (let i = 0; i + 1 < x.length; i++) {
    const a = x[i + 1] - x[i] ** 2;
    g[i] += 400 * x[i] * a + 2 * (1 - x[i]);
    g[i + 1] -= 200 * a;
  }
  return g;
};
/** A chain of coupled squares, weights from 1 to 100. */
const chain: Objective = (x) =>
  3 - x.reduce((sum, v, i) => sum + 100 ** (i / Math.max(x.length - 1, 1)) * (v + (i > 0 ? x[i - 1] / 2 : 0)) ** 2, 0);
const chainGradient: Gradient = (x) => {
  const b = Array.from(x, (v, i) => 100 ** (i / Math.max(x.length - 1, 1)) * (v + (i > 0 ? x[i - 1] / 2 : 0)));
  return b.map((v, i) => -2 * v - (b[i + 1] ?? 0));
};
/** CEC2013's five-uneven-peak trap. */
const trap: Objective = ([x]) => {
  if (x < 2.5) return 80 * (2.5 - x);
  if (x < 5) return 64 * (x - 2.5);
  if (x < 7.5) return 64 * (7.5 - x);
  if (x < 12.5) return 28 * (x - 7.5);
  if (x < 17.5) return 28 * (17.5 - x);
  if (x < 22.5) return 32 * (x - 17.5);
  return x < 27.5 ? 32 * (27.5 - x) : 80 * (x - 27.5);
};

describe('smooth modes', () => {
  it('reaches the minima of Himmelblau within the evaluations promised', async () => {
    for (const gradient of [undefined, himmelblauGradient]) {
      for (const mode of himmelblauModes) {
        const point = await one(himmelblau, candidate([mode[0] + 0.03, mode[1] - 0.02], 0.3), undefined, { gradient });
        expect(point).toMatchObject({ isMode: true, reason: 'mode' });
        expectNear(point.x, mode, 1e-8);
        expect(Math.abs(point.value - 200)).toBeLessThan(1e-10);
        expect(point.evaluations).toBeLessThanOrEqual(gradient ? 16 : 35);
      }
    }
  });

  it('follows the valley of Rosenbrock', async () => {
    const planar = await one(rosenbrock, candidate([-1.2, 1]));
    expect(planar.isMode).toBe(true);
    expectNear(planar.x, [1, 1], 1e-6);
    expect(planar.evaluations).toBeLessThan(200);
    const steep = await one(rosenbrock, candidate([-1.2, 1]), undefined, { gradient: rosenbrockGradient });
    expectNear(steep.x, [1, 1], 1e-7);
    expect(steep.evaluations).toBeLessThan(90);
    for (const gradient of [undefined, rosenbrockGradient]) {
      const ten = await one(rosenbrock, candidate(Array(10).fill(0), 0.5), undefined, { gradient });
      expect(ten.isMode).toBe(true);
      expectNear(ten.x, Array(10).fill(1), 1e-6);
      expect(ten.evaluations).toBeLessThan(gradient ? 150 : 1000);
    }
  });

  it.each([1, 3, 50])('tops a quadratic in %d dimensions', async (dim) => {
    for (const gradient of [undefined, chainGradient]) {
      const point = await one(chain, candidate(Array(dim).fill(0.1)), undefined, { gradient });
      expect(point.isMode).toBe(true);
      expectNear(point.x, Array(dim).fill(0), 2e-7);
      expect(3 - point.value).toBeLessThan(1e-11);
      expect(point.evaluations).toBeLessThan({ 1: 10, 3: 35, 50: gradient ? 300 : 3000 }[dim]!);
    }
  });

  it('uses the shape of the covariance', async () => {
    const dim = 12;
    const f: Objective = (x) => -x.reduce((sum, v, i) => sum + (v - 0.9 * (x[i - 1] ?? 0)) ** 2 * (i + 1) ** 2, 0);
    const gradient: Gradient = (x) => {
      const b = Array.from(x, (v, i) => (v - 0.9 * (x[i - 1] ?? 0)) * (i + 1) ** 2);
      return b.map((v, i) => -2 * v + 1.8 * (b[i + 1] ?? 0));
    };
    // x = A e with e of variance 1 / (i + 1)^2: its covariance is the inverse curvature up to a factor.
    const covariance = Array.from({ length: dim * dim }, (_, at) => {
      const [i, j] = [Math.floor(at / dim), at % dim];
      let sum = 0;
      for (let k = 0; k <= Math.min(i, j); k++) sum += 0.9 ** (i + j - 2 * k) / (k + 1) ** 2;
      return 0.01 * sum;
    });
    const scale = Array.from({ length: dim }, (_, i) => Math.sqrt(covariance[i * dim + i]));
    const x = scale.map((s, i) => s * Math.sin(i + 1));
    const blind = await one(f, candidate(x, scale), undefined, { gradient });
    const shaped = await one(f, candidate(x, scale, covariance), undefined, { gradient });
    expect(shaped.isMode && blind.isMode).toBe(true);
    expectNear(shaped.x, Array(dim).fill(0), 1e-8);
    expect(shaped.rounds).toBeLessThanOrEqual(6);
    // 40 of them verify.
    expect(shaped.evaluations).toBeLessThanOrEqual(46);
  });
});

describe('kinks', () => {
  it.each([
    [0.3, 0],
    [5.3, 5],
    [12.41, 12.5],
    [22.9, 22.5],
    [29.9, 30],
  ])('trap from %d to its peak at %d', async (start, peak) => {
    for (const precision of ['f64', 'f32'] as const) {
      const point = await one(trap, candidate([start], 0.5), box([0, 30]), { precision });
      expect(point.isMode).toBe(true);
      expectNear(point.x, [peak], precision === 'f64' ? 1e-8 : 3e-6);
      expect(point.evaluations).toBeLessThan(60);
    }
  });

  it('cusps, ridges of two kinks, and a cone', async () => {
    const cases: [Objective, Candidate, number[]][] = [
      [([x]) => -Math.sqrt(Math.abs(x)), candidate([0.2]), [0]],
      [([x, y]) => -Math.abs(x - 0.1) - 2 * Math.abs(y + 0.2), candidate([0, 0]), [0.1, -0.2]],
      [([x, y]) => -Math.abs(x + y) - 3 * Math.abs(x - 2 * y + 0.1), candidate([0.3, 0.3]), [-1 / 30, 1 / 30]],
      [([x, y, z]) => -Math.hypot(x - 0.1, y, z), candidate([0.3, 0.3, 0]), [0.1, 0, 0]],
    ];
    for (const [f, start, peak] of cases) {
      const point = await one(f, start);
      expect(point).toMatchObject({ isMode: true });
      expectNear(point.x, peak, 1e-7);
      expect(point.evaluations).toBeLessThan(350);
    }
  });
});

describe('the box', () => {
  it('finds modes on an edge and in a corner, exactly on the bound', async () => {
    const square = box([0, 1], [0, 1]);
    const edge = await one(([x, y]) => x - (y - 0.3 * x) ** 2, candidate([0.7, 0.6], 0.2), square);
    expect(edge.isMode).toBe(true);
    expect(edge.x[0]).toBe(1);
    expectNear(edge.x, [1, 0.3], 1e-7);
    const corner = await one(([x, y]) => x + 2 * y - 0.1 * x * y, candidate([0.7, 0.6], 0.2), square);
    expect([...corner.x]).toEqual([1, 1]);
    expect(corner.isMode).toBe(true);
  });

  it('starts inside and stays there', async () => {
    const seen: number[] = [];
    const f: Objective = (x) => {
      seen.push(...x);
      return -((x[0] - 2) ** 2) - x[1] ** 2;
    };
    const point = await one(f, candidate([9, -9], 3), box([0, 1], [-1, 1]));
    expect(point.x[0]).toBe(1);
    expectNear(point.x, [1, 0], 1e-7);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...seen)).toBeLessThanOrEqual(1);
  });
});

describe('what is not a mode', () => {
  it('leaves a saddle', async () => {
    for (const gradient of [undefined, himmelblauGradient]) {
      const point = await one(himmelblau, candidate([0.086677504, 2.884254701]), undefined, { gradient });
      expect(point.isMode).toBe(true);
      expect(point.value).toBeCloseTo(200, 8);
    }
    const corner = await one(([x, y]) => x * y, candidate([0, 0]), box([-2, 2], [-2, 2]));
    expect(corner).toMatchObject({ isMode: true, value: 4 });
  });

  it('says plateau, flat, unsettled', async () => {
    expect(await one(() => 1, candidate([0, 0]))).toMatchObject({ isMode: false, reason: 'plateau' });
    expect(await one(([x]) => -x * x, candidate([0.1, 0]))).toMatchObject({ isMode: false, reason: 'flat' });
    expect(await one(([x]) => x, candidate([0.1, 0]))).toMatchObject({ isMode: false, reason: 'unsettled' });
  });

  it('takes non-finite values for walls', async () => {
    const point = await one(([x, y]) => (x < 0.5 ? NaN : Math.log(x) - x - y * y), candidate([0.6, 0.1], 0.5));
    expect(point.isMode).toBe(true);
    expectNear(point.x, [1, 0], 1e-8);
    expect(await one(() => NaN, candidate([0]))).toMatchObject({ isMode: false, reason: 'not finite', value: -Infinity });
    const beside = await one(([x, y]) => (x < 0.5 ? NaN : -x - y * y), candidate([0.6, 0.1], 0.5));
    if (beside.isMode) expectNear(beside.x, [0.5, 0], 1e-2);
  });
});

describe('single precision', () => {
  it('comes as near as the values allow and does not chase their noise', async () => {
    for (const gradient of [undefined, himmelblauGradient]) {
      for (const mode of himmelblauModes) {
        const point = await one(himmelblau, candidate([mode[0] + 0.03, mode[1] - 0.02], 0.3), undefined, { precision: 'f32', gradient });
        expect(point.isMode).toBe(true);
        expectNear(point.x, mode, gradient ? 1e-5 : 1e-3);
        expect(200 - point.value).toBeLessThan(5e-5);
        expect(point.evaluations).toBeLessThanOrEqual(gradient ? 16 : 40);
      }
    }
  });

  it('survives noise beyond rounding when told of it', async () => {
    const noisy: Objective = (x) => himmelblau(x) + 1e-3 * Math.sin(1e6 * x[0] + 1.7e6 * x[1]);
    const point = await one(noisy, candidate([3.05, 1.95], 0.5), undefined, { precision: 'f32' }, { relativeNoise: 1e-5 });
    expect(point.isMode).toBe(true);
    expectNear(point.x, [3, 2], 0.02);
  });
});

describe('lockstep and limits', () => {
  const start = fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true }));

  it('keeps to the evaluation limit, and proves what it can', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(start, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 400 }),
        async (starts, maxEvaluations) => {
          const evaluator = evaluatorOf(2, himmelblau);
          const points = await polish(
            evaluator,
            starts.map((x) => candidate([...x], 0.5)),
            undefined,
            { maxEvaluations },
          );
          expect(evaluator.evaluations).toBeLessThanOrEqual(maxEvaluations);
          expect(points.reduce((sum, { evaluations }) => sum + evaluations, 0)).toBe(evaluator.evaluations);
          for (const { isMode, reason, x } of points) {
            expect(reason).toBe(isMode ? 'mode' : 'evaluation limit');
            if (isMode) expect(himmelblauModes.some((mode) => Math.hypot(x[0] - mode[0], x[1] - mode[1]) < 1e-7)).toBe(true);
          }
        },
      ),
    );
  });

  it('answers each candidate as if it were alone, in one call a round', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(start, { minLength: 1, maxLength: 6 }), async (starts) => {
        const candidates = starts.map((x) => candidate([...x], 0.5));
        const evaluator = evaluatorOf(2, himmelblau);
        const together = await polish(evaluator, candidates, undefined);
        expect(evaluator.calls).toBe(Math.max(...together.map(({ rounds }) => rounds)));
        for (const [i, each] of candidates.entries()) expect(await one(himmelblau, each)).toEqual(together[i]);
      }),
      { numRuns: 30 },
    );
  });

  it('stops at the round limit and when told to', async () => {
    expect(await one(himmelblau, candidate([0, 0]), undefined, {}, { maxRounds: 3 })).toMatchObject({ reason: 'round limit', rounds: 3 });
    const evaluator = evaluatorOf(2, himmelblau);
    const stopped = await polish(evaluator, [candidate([0, 0])], undefined, { signal: AbortSignal.abort() });
    expect(stopped[0]).toMatchObject({ isMode: false, reason: 'aborted', evaluations: 0 });
    expect(await polish(evaluator, [], undefined)).toEqual([]);
  });

  it('returns no point that has a higher neighbour', async () => {
    const wave = fc.double({ min: -4, max: 4, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(wave, { minLength: 9, maxLength: 9 }),
        start,
        fc.constantFrom('f64' as const, 'f32' as const),
        async (w, x, precision) => {
          const f: Objective = ([u, v]) =>
            w[6] * Math.sin(w[0] * u + w[1] * v) + w[7] * Math.cos(w[2] * u + w[3] * v) + w[8] * Math.sin(w[4] * u * v + w[5]);
          const bounds = box([-5, 5], [-5, 5]);
          const point = await one(f, candidate([...x], 0.3), bounds, { precision });
          const noise = precision === 'f64' ? 1e-12 : 2e-5;
          expect(point.value).toBeGreaterThanOrEqual(
            (precision === 'f32' ? Math.fround(f(Float64Array.from(x))) : f(Float64Array.from(x))) - noise,
          );
          if (!point.isMode) return;
          for (let turn = 0; turn < 16; turn++) {
            const away = [Math.cos((turn * Math.PI) / 8), Math.sin((turn * Math.PI) / 8)];
            const probe = point.x.map((v, i) => Math.min(Math.max(v + 1e-3 * away[i], bounds.lower[i]), bounds.upper[i]));
            expect(f(probe)).toBeLessThanOrEqual(f(point.x) + noise);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
