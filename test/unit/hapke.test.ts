/**
 * That `hapke` has exactly the two listed modes, by brute force: every local maximum of a grid over the box, and random points
 * besides, refined in float64 by a bounded Levenberg-Marquardt search on the residuals.
 */
import { describe, expect, it } from 'vitest';
import { hapke, hapkeResiduals, hapkeTruth } from '../../src/problems/hapke.ts';

const problem = hapke.at();
const { box, value } = problem;
const { modes, values } = problem.known!;
const height = (x: readonly number[]) => value(Float64Array.from(x));

/** Solves `a x = b` for the small symmetric positive definite `a`, which is overwritten. */
function solve(a: number[][], b: number[]): number[] {
  const n = b.length;
  for (let i = 0; i < n; i++)
    for (let k = i + 1; k < n; k++) {
      const factor = a[k][i] / a[i][i];
      for (let j = i; j < n; j++) a[k][j] -= factor * a[i][j];
      b[k] -= factor * b[i];
    }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) b[i] -= a[i][j] * b[j];
    b[i] /= a[i][i];
  }
  return b;
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i], 0);

/** Climbs from `start` to a local maximum over the closed box. */
function refine(start: readonly number[]): number[] {
  let x = [...start];
  let damping = 1e-3;
  for (let iteration = 0; iteration < 300; iteration++) {
    const residuals = hapkeResiduals(x);
    const slopes = x.map((_, i) => {
      const above = [...x];
      const below = [...x];
      above[i] = Math.min(x[i] + 1e-6, box[i][1]);
      below[i] = Math.max(x[i] - 1e-6, box[i][0]);
      const low = hapkeResiduals(below);
      return hapkeResiduals(above).map((r, k) => (r - low[k]) / (above[i] - below[i]));
    });
    const downhill = slopes.map((slope) => -dot(slope, residuals));
    const free = [0, 1, 2, 3].filter((i) => (x[i] > box[i][0] || downhill[i] > 0) && (x[i] < box[i][1] || downhill[i] < 0));
    let moved = false;
    for (let trial = 0; trial < 20 && !moved; trial++) {
      const normal = free.map((i) => free.map((j) => dot(slopes[i], slopes[j]) * (i === j ? 1 + damping : 1)));
      const step = solve(
        normal,
        free.map((i) => downhill[i]),
      );
      const next = [...x];
      for (const [k, i] of free.entries()) next[i] = Math.min(Math.max(x[i] + step[k], box[i][0]), box[i][1]);
      moved = height(next) > height(x);
      if (moved) x = next;
      damping = moved ? Math.max(damping / 10, 1e-12) : Math.min(damping * 10, 1e10);
    }
    if (!moved) break;
  }
  return x;
}

const nearest = (x: readonly number[]) => {
  const distances = modes.map((mode) => Math.hypot(...mode.map((v, i) => v - x[i])));
  const distance = Math.min(...distances);
  return { mode: distances.indexOf(distance), distance };
};

describe('hapke', () => {
  it('has data that are the model at the truth plus plausible noise', () => {
    const residuals = hapkeResiduals(hapkeTruth);
    expect(dot(residuals, residuals)).toBeGreaterThan(1);
    expect(dot(residuals, residuals)).toBeLessThan(18.3); // 95 % of chi-square with 10 degrees of freedom
  });

  it('has the two known modes and no other, by a scan of the box', () => {
    const n = 11;
    const coordinate = (i: number, k: number) => box[i][0] + ((box[i][1] - box[i][0]) * k) / (n - 1);
    const heights = new Float64Array(n ** 4);
    const indices = (cell: number) => [0, 1, 2, 3].map((i) => Math.floor(cell / n ** i) % n);
    for (let cell = 0; cell < heights.length; cell++) heights[cell] = height(indices(cell).map((k, i) => coordinate(i, k)));

    const starts: number[][] = [];
    for (let cell = 0; cell < heights.length; cell++) {
      const index = indices(cell);
      let highest = true;
      for (let neighbour = 0; neighbour < 81 && highest; neighbour++) {
        const other = index.map((k, i) => k + (Math.floor(neighbour / 3 ** i) % 3) - 1);
        if (other.some((k) => k < 0 || k >= n)) continue;
        highest = heights[other.reduce((sum, k, i) => sum + k * n ** i, 0)] <= heights[cell];
      }
      if (highest) starts.push(index.map((k, i) => coordinate(i, k)));
    }
    expect(starts.length).toBeGreaterThan(1);

    // And 500 points of an additive recurrence (low discrepancy) over the box.
    const steps = [0.8566748838545029, 0.733891856627126, 0.6287067210378087, 0.5385972572236101];
    for (let k = 1; k <= 500; k++) starts.push(steps.map((s, i) => box[i][0] + (box[i][1] - box[i][0]) * ((k * s) % 1)));

    const arrivals = [0, 0];
    for (const start of starts) {
      const { mode, distance } = nearest(refine(start));
      expect(distance).toBeLessThan(1e-5);
      arrivals[mode]++;
    }
    expect(Math.min(...arrivals)).toBeGreaterThan(50);
  });

  it('has two modes that are far apart, inside the box, with a valley between', () => {
    const [a, b] = modes;
    expect(nearest(hapkeTruth).mode).toBe(1);
    expect(Math.hypot(...a.map((v, i) => v - b[i]))).toBeGreaterThan(0.5);
    for (const mode of modes) for (const [i, v] of mode.entries()) expect(v > box[i][0] + 0.03 && v < box[i][1] - 0.03).toBe(true);
    const between = Array.from({ length: 99 }, (_, k) => height(a.map((v, i) => v + ((b[i] - v) * (k + 1)) / 100)));
    expect(Math.min(...between)).toBeLessThan(Math.min(...values) - 10);
  });
});
