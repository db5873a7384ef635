/** The built-in problems in float64: their listed answers are right, complete in number, and optima. */
import { describe, expect, it } from 'vitest';
import { findProblem, problems } from '../../src/problems/index.ts';
import type { Problem } from '../../src/problems/problem.ts';

/** A small generator (mulberry32), so that a failure can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const at = (name: string, dimension?: number): Problem => findProblem(name)!.at(dimension);

/** Posterior targets have tests of their own (targets.test.ts). */
const targets = ['gmm20', 'gmm100', 'stm20', 'stm300', 'planar1', 'planar4', 'network', 'eight-schools', 'funnel', 'many-well'];
const styblinski = [1, 2, 4, 10, 11].map((dimension) => at('styblinski-tang', dimension));
const others = problems.filter(({ name }) => name !== 'styblinski-tang' && !targets.includes(name));
const all = [...others.map((family) => family.at()), ...styblinski];
const titled = all.map((problem) => [`${problem.name} ${problem.dimension}-D`, problem] as const);

/** `problem.value` in the direction in which larger is better. */
const gain = (problem: Problem) => (x: Float64Array) => (problem.sense === 'maximize' ? 1 : -1) * problem.value(x);
const width = ([lower, upper]: readonly [number, number]) => upper - lower;

describe('the registry', () => {
  it('holds the named problems', () => {
    const cec = Array.from({ length: 10 }, (_, i) => `cec2013-f${i + 1}`);
    expect(problems.map(({ name }) => name)).toEqual([
      'himmelblau',
      'styblinski-tang',
      'triangle',
      'four-modes',
      ...cec,
      'hapke',
      ...targets,
    ]);
    expect(findProblem('cec2013-f7')?.name).toBe('cec2013-f7');
    expect(findProblem('no-such-problem')).toBeUndefined();
  });

  it('agrees with the problem it builds', () => {
    for (const family of problems) {
      const problem = family.at();
      expect(problem.name).toBe(family.name);
      expect(problem.title).toBe(family.title);
      expect(problem.sense).toBe(family.sense);
      expect(problem.dimension).toBe(family.dimensions.default);
      expect(family.at(family.dimensions.max).box).toHaveLength(family.dimensions.max);
    }
  });

  it('refuses a dimension outside the range', () => {
    for (const dimension of [0, 513, 2.5, -1, Number.NaN]) expect(() => at('styblinski-tang', dimension)).toThrow(RangeError);
    expect(() => at('himmelblau', 3)).toThrow('himmelblau takes dimension 2 only, not 3');
  });
});

describe('the counts of known answers', () => {
  it.each([
    ['himmelblau', 4],
    ['triangle', 4],
    ['four-modes', 4],
    ['cec2013-f1', 2],
    ['cec2013-f2', 5],
    ['cec2013-f3', 1],
    ['cec2013-f4', 4],
    ['cec2013-f5', 2],
    ['cec2013-f6', 18],
    ['cec2013-f7', 36],
    ['cec2013-f8', 81],
    ['cec2013-f9', 216],
    ['cec2013-f10', 12],
    ['hapke', 2],
  ])('%s has %i', (name, count) => {
    const { modes, values, niching } = at(name).known!;
    expect(modes).toHaveLength(count);
    expect(values).toHaveLength(count);
    expect(new Set(modes.map(String)).size).toBe(count);
    if (name.startsWith('cec2013')) expect(niching?.count).toBe(count);
  });

  it('styblinski-tang lists all 2^d up to d = 10, best first, and the global one above', () => {
    for (const { dimension, known } of styblinski) {
      const count = dimension <= 10 ? 2 ** dimension : 1;
      expect(known!.modes).toHaveLength(count);
      expect(new Set(known!.modes.map(String)).size).toBe(count);
      expect(known!.onlyGlobal).toBe(dimension > 10);
      expect(known!.values).toEqual([...known!.values].sort((a, b) => a - b));
      expect(known!.values[0] / dimension).toBeCloseTo(-39.16616570377142, 10);
    }
  });

  it('CEC2013 optima are farther apart than the niche radius', () => {
    for (const { known } of all) {
      if (!known?.niching) continue;
      const { modes, niching } = known;
      for (const [k, a] of modes.entries())
        for (const b of modes.slice(0, k)) expect(Math.hypot(...a.map((v, i) => v - b[i]))).toBeGreaterThan(niching.radius);
    }
  });
});

describe.each(titled)('%s', (_, problem) => {
  const { dimension, box } = problem;
  const { modes, values, niching } = problem.known!;
  const random = generator(dimension);

  it('has the listed value at every known mode, inside the box', () => {
    for (const [k, mode] of modes.entries()) {
      expect(mode).toHaveLength(dimension);
      for (const [i, x] of mode.entries()) expect(x >= box[i][0] && x <= box[i][1]).toBe(true);
      expect(Math.abs(problem.value(Float64Array.from(mode)) - values[k])).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(values[k])));
    }
    // F3's optimum is rounded in the suite.
    if (niching) expect(Math.abs(Math.max(...values) - niching.optimum)).toBeLessThan(problem.name === 'cec2013-f3' ? 2e-7 : 1e-9);
  });

  it('has no better point close to a known mode, nor a better one than the best anywhere', () => {
    const better = gain(problem);
    const x = new Float64Array(dimension);
    for (const mode of modes) {
      const height = better(Float64Array.from(mode));
      const rounding = 1e-13 * Math.max(1, Math.abs(height));
      for (let probe = 0; probe < 60; probe++) {
        const radius = 10 ** (-2 - 5 * random());
        for (let i = 0; i < dimension; i++)
          x[i] = Math.min(Math.max(mode[i] + radius * (random() - 0.5) * width(box[i]), box[i][0]), box[i][1]);
        expect(better(x)).toBeLessThanOrEqual(height + rounding);
      }
    }
    const best = Math.max(...modes.map((mode) => better(Float64Array.from(mode))));
    for (let probe = 0; probe < 20_000; probe++) {
      for (let i = 0; i < dimension; i++) x[i] = box[i][0] + random() * width(box[i]);
      expect(better(x) <= best + 1e-12 * Math.max(1, Math.abs(best))).toBe(true);
    }
  });

  // The trap's optima are corners of the box with a slope.
  it.skipIf(problem.name === 'cec2013-f1')('is stationary at every known mode, to 1e-7 of the box in every coordinate', () => {
    for (const mode of modes) {
      const x = Float64Array.from(mode);
      const centre = problem.value(x);
      for (let i = 0; i < dimension; i++) {
        const h = 1e-6 * width(box[i]);
        x[i] = mode[i] + h;
        const above = problem.value(x);
        x[i] = mode[i] - h;
        const below = problem.value(x);
        x[i] = mode[i];
        const newtonStep = (0.5 * h * (above - below)) / (above - 2 * centre + below);
        expect(Math.abs(newtonStep)).toBeLessThan(1e-7 * width(box[i]));
      }
      if (!problem.gradient) continue;
      const gradient = new Float64Array(dimension);
      problem.gradient(x, gradient);
      for (const g of gradient) expect(Math.abs(g)).toBeLessThan(1e-12 * Math.max(100, Math.abs(centre)));
    }
  });

  it.runIf(problem.gradient)('has a gradient that agrees with central differences', () => {
    const x = new Float64Array(dimension);
    const gradient = new Float64Array(dimension);
    for (let probe = 0; probe < 50; probe++) {
      for (let i = 0; i < dimension; i++) x[i] = box[i][0] + random() * width(box[i]);
      problem.gradient!(x, gradient);
      for (let i = 0; i < dimension; i++) {
        const centre = x[i];
        const h = 1e-5;
        x[i] = centre + h;
        const above = problem.value(x);
        x[i] = centre - h;
        const below = problem.value(x);
        x[i] = centre;
        expect(Math.abs((above - below) / (2 * h) - gradient[i])).toBeLessThan(1e-6 * Math.max(1, Math.abs(gradient[i])));
      }
    }
  });
});
