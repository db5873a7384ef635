import { describe, expect, it } from 'vitest';
import { accuracies, countOptima, peakRatio } from '../../bench/cec2013-score.ts';
import { problems } from '../../src/problems/index.ts';

/** Two optima of height 1 at -1 and 1, value falling with the distance to the nearer one. */
const twin = { value: ([x]: Float64Array) => 1 - Math.abs(Math.abs(x!) - 1), radius: 0.1, count: 2, optimum: 1 };

describe('CEC2013 scoring', () => {
  it('counts each optimum once', () => {
    expect(countOptima([[-1], [1]], twin, 1e-5)).toBe(2);
    expect(countOptima([[1], [1], [1.00001]], twin, 1e-1)).toBe(1);
    expect(countOptima([], twin, 1e-1)).toBe(0);
    expect(peakRatio([[1]], twin, 1e-5)).toBe(0.5);
  });

  it('asks for the accuracy, both limits included', () => {
    expect(accuracies.map((accuracy) => countOptima([[1.0009765625]], twin, accuracy))).toEqual([1, 1, 1, 0, 0]);
    expect(countOptima([[1.25]], twin, 0.25)).toBe(1);
  });

  it('keeps the better of two solutions within the radius, whatever their order', () => {
    for (const solutions of [
      [[1.05], [1]],
      [[1], [1.05]],
    ]) {
      expect(countOptima(solutions, twin, 1e-5)).toBe(1);
    }
  });

  it('lets a seed take its neighbours with it, and counts no more than there are', () => {
    // 0.95 lies within the radius of 1 and is dropped; 0.8 does not and is a seed of its own, too low to count at 1e-2.
    expect(countOptima([[1], [0.95], [0.8]], twin, 1e-2)).toBe(1);
    expect(countOptima([[1], [0.8]], twin, 0.3)).toBe(2);
    expect(countOptima([[1], [0.8], [-1], [-0.8]], twin, 0.3)).toBe(2);
  });

  it('gives 1 for the known optima of F1 to F10 and 1/count for one of them', () => {
    const suite = problems.filter(({ name }) => name.startsWith('cec2013-'));
    expect(suite).toHaveLength(10);
    for (const family of suite) {
      const { value, known } = family.at();
      const problem = { value, ...known!.niching! };
      for (const accuracy of accuracies) {
        expect(peakRatio(known!.modes, problem, accuracy), family.name).toBe(1);
        expect(countOptima([known!.modes[0]!], problem, accuracy), family.name).toBe(1);
      }
    }
  });
});
