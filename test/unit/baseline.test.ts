import { describe, expect, it } from 'vitest';
import { multiStart } from '../../bench/baseline.ts';
import { minimizeInBox } from '../../bench/lbfgs.ts';
import { himmelblau } from '../../src/problems/himmelblau.ts';
import { styblinskiTang } from '../../src/problems/styblinski-tang.ts';

describe('multi-start L-BFGS', () => {
  it('solves an ill-conditioned quadratic and counts its calls', () => {
    let calls = 0;
    const end = minimizeInBox(
      (x, gradient) => {
        calls++;
        return x.reduce((sum, t, i) => {
          gradient[i] = 2 * 10 ** i * (t - 0.3);
          return sum + 10 ** i * (t - 0.3) ** 2;
        }, 0);
      },
      new Float64Array(4).fill(0.9),
      [-1, -1, -1, -1],
      [1, 1, 1, 1],
    );
    expect(end.evaluations).toBe(calls);
    expect(calls).toBeLessThan(60);
    for (const t of end.x) expect(t).toBeCloseTo(0.3, 4);
  });

  it('ends on the wall where the minimum lies outside', () => {
    const towards = (x: Float64Array, gradient: Float64Array) => {
      gradient.set([2 * (x[0]! - 3), 2 * (x[1]! - 0.5)]);
      return (x[0]! - 3) ** 2 + (x[1]! - 0.5) ** 2;
    };
    const end = minimizeInBox(towards, Float64Array.of(-0.9, -0.9), [-1, -1], [1, 1]);
    expect(end.converged).toBe(true);
    expect(end.x[0]).toBe(1);
    expect(end.x[1]).toBeCloseTo(0.5, 5);
  });

  it('reaches every known mode and repeats itself bit for bit', () => {
    for (const problem of [himmelblau.at(), styblinskiTang.at(4)]) {
      const run = multiStart(problem, 3, 1e6);
      expect(run.found).toBe(problem.known!.modes.length);
      expect(multiStart(problem, 3, 1e6).evaluations).toBe(run.evaluations);
    }
    expect(multiStart(himmelblau.at(), 3, 1).starts).toBe(1);
  });
});
