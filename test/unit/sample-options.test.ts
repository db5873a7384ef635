/** What sample() refuses, and what it makes of budgets; without a GPU. */
import { describe, expect, it } from 'vitest';
import { readSample, type SampleOptions } from '../../src/api/sample.ts';
import { gmmvi, nva } from '../../src/index.ts';

const wgsl =
  'fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 { (*gradient)[0] = -x[0]; return -0.5 * x[0] * x[0]; }';
const target: SampleOptions = { wgsl, box: [[-4, 4]] };

describe('refused', () => {
  const cases: [Partial<SampleOptions>, RegExp][] = [
    [{ bounded: true, boundary: 'reflect' }, /bounded maps all of space into the box, so boundary: reflect/],
    [{ boundary: 'clamp' }, /boundary: clamp folds space onto the box.*bounded: true/],
    [{ waves: 2 }, /waves can only be 1/],
    [{ draws: 1.5 }, /draws is 1.5; it must be a whole number/],
    [{ bounded: true, target: 1 }, /target does not combine with bounded/],
    [{ start: { means: [], deviation: 1 } }, /start.means must be a list/],
    [{ start: { means: [[0, 1]], deviation: 1 } }, /mean 0 has 2 coordinates, and there are 1 dimensions/],
    [{ start: { means: [[Number.NaN]], deviation: 1 } }, /coordinate 0 of mean 0 is NaN/],
    [{ start: { means: [[5]], deviation: 1 }, bounded: true }, /coordinate 0 of mean 0 is 5; it must be a number inside the box/],
    [{ start: { means: [[0]], deviation: 0 } }, /start.deviation must be a number above 0/],
    [{ start: { means: [[0], [1]], deviation: 1 }, components: 3 }, /components is 3, but start has 2 means/],
    [{ method: gmmvi('SAMTRON', { stepMin: 2, stepMax: 1 }) }, /stepMin is 2, above stepMax, which is 1/],
    [{ method: gmmvi('SAMTRON', { capacity: 4, components: 5 }) }, /components is 5, more than the capacity of 4/],
    [{ method: gmmvi('SEMTRON', { ownSamples: true, reuse: 1 }) }, /reuse does not combine with ownSamples/],
    [{ method: gmmvi('SEMTRON', { ownSamples: 'no' as never }) }, /ownSamples is no; it must be true or false/],
    [{ bonded: true } as never, /unknown option "bonded"; did you mean bounded/],
  ];
  it.each(cases)('%o', (options, message) => {
    expect(() => readSample({ ...target, ...options })).toThrow(message);
  });
});

describe('taken', () => {
  it('by default SAMTRON, and without a gradient its sibling', () => {
    expect(readSample(target).method.name).toBe('SAMTRON');
    expect(readSample({ ...target, wgsl: 'fn objective(x: Point) -> f32 { return -x[0] * x[0]; }' }).method.name).toBe('ZAMTRON');
  });

  it('a budget holds the draws that assess the fit, and something for polishing', () => {
    const { settings, draws } = readSample({ ...target, evaluations: 100_000 });
    expect(draws.draws).toBe(10_000);
    expect(settings.evaluations).toBe(90_000);
    expect(settings.polishShare).toBeGreaterThan(0);
    expect(readSample({ ...target, evaluations: 1000 }).draws.draws).toBe(250);
    expect(readSample({ ...target, draws: 20_000 }).draws.draws).toBe(20_000);
  });

  it('a start in the coordinates of the user, bounded or not', () => {
    const start = { means: [[2]], deviation: 0.5 };
    expect(readSample({ ...target, start }).settings.start!.means[0]).toBeCloseTo(0.5, 12);
    expect(readSample({ ...target, start }).settings.start!.deviations![0]).toBeCloseTo(0.125, 12);
    const bounded = readSample({ ...target, start, bounded: true }).settings.start!;
    expect(bounded.means[0]).toBeCloseTo(Math.atanh(0.5), 12);
    expect(bounded.deviations![0]).toBeCloseTo(0.5 / (4 * (1 - 0.25)), 12);
  });

  it('NVA, too', () => {
    expect(readSample({ ...target, method: nva({ temperatureFloor: 1 }) }).method.name).toBe('nva');
  });
});
