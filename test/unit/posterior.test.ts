import { describe, expect, it } from 'vitest';
import { minimize } from '../../src/api/minimize.ts';
import { OptionError } from '../../src/gpu/errors.ts';
import { purpose, RandomStream } from '../../src/mixture/random.ts';
import { boundaries, enterBox, logJacobian } from '../../src/objective/boundary.ts';
import { parseBox } from '../../src/objective/box.ts';
import { paretoSmooth } from '../../src/result/pareto.ts';
import { assess, drawMixture, type LogMixture, logDensity, resample } from '../../src/result/posterior.ts';

const stream = (seed: number) => new RandomStream(seed, purpose.initialise);

/** K components with random means and factors. */
function someMixture(dim: number, components: number, seed = 1): LogMixture {
  const random = stream(seed);
  const factors: number[] = [];
  for (let k = 0; k < components; k++) {
    for (let i = 0; i < dim; i++) for (let j = 0; j <= i; j++) factors.push(i === j ? 0.5 + random.uniform() : 0.3 * random.normal());
  }
  return {
    dim,
    logWeights: Float64Array.from({ length: components }, () => random.normal()),
    means: Float64Array.from({ length: components * dim }, () => 2 * random.normal()),
    factors: Float64Array.from(factors),
  };
}

/** One-dimensional, from weights, means and deviations. */
const line = (weights: number[], means: number[], deviations: number[]): LogMixture => ({
  dim: 1,
  logWeights: Float64Array.from(weights, Math.log),
  means: Float64Array.from(means),
  factors: Float64Array.from(deviations),
});

const shares = (mixture: LogMixture): number[] => {
  const weights = Array.from(mixture.logWeights, Math.exp);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};

describe('log density of a mixture', () => {
  it('is the sum of its Gaussians', () => {
    const mixture = someMixture(2, 3);
    const points = Float64Array.from({ length: 2 * 150 }, (_, i) => Math.sin(17 * i) * 4);
    const got = logDensity(mixture, points);
    for (let n = 0; n < 150; n++) {
      const sum = shares(mixture).reduce((total, share, k) => {
        const [a, b, c] = mixture.factors.subarray(3 * k) as unknown as [number, number, number];
        const [x, y] = [points[2 * n]! - mixture.means[2 * k]!, points[2 * n + 1]! - mixture.means[2 * k + 1]!];
        // Covariance [[aa, ab], [ab, bb + cc]], inverted by hand.
        const [xx, xy, yy] = [a * a, a * b, b * b + c * c];
        const det = xx * yy - xy * xy;
        const square = (yy * x * x - 2 * xy * x * y + xx * y * y) / det;
        return total + (share * Math.exp(-0.5 * square)) / (2 * Math.PI * Math.sqrt(det));
      }, 0);
      expect(got[n]).toBeCloseTo(Math.log(sum), 9);
    }
  });

  it('falls off by half the square of the normals that a point is placed by', () => {
    const mixture = someMixture(5, 1, 4);
    const normals = [0.3, -1.2, 2, 0.1, -0.6];
    const entry = (i: number, j: number) => mixture.factors[(i * (i + 1)) / 2 + j]!;
    const point = normals.map((_, i) => mixture.means[i]! + normals.slice(0, i + 1).reduce((sum, z, j) => sum + entry(i, j) * z, 0));
    const volume = normals.reduce((sum, _, i) => sum + Math.log(entry(i, i)), 2.5 * Math.log(2 * Math.PI));
    const square = normals.reduce((sum, z) => sum + z * z, 0);
    expect(logDensity(mixture, Float64Array.from(point))[0]).toBeCloseTo(-0.5 * square - volume, 11);
  });

  it('holds far out, and for components that are not there', () => {
    const mixture = line([0.5, 0, 0.5], [-1, 0, 1], [1, 1, 1]);
    const [far] = logDensity(mixture, Float64Array.of(1000));
    expect(far).toBeCloseTo(Math.log(0.5) - 0.5 * 999 ** 2 - 0.5 * Math.log(2 * Math.PI), 6);
  });
});

describe('drawing', () => {
  it('gives each component its share, rounded up or down', () => {
    const mixture = line([0.123, 0.004, 0, 0.873], [0, 100, 200, 300], [1, 1, 1, 1]);
    for (let seed = 0; seed < 20; seed++) {
      const points = drawMixture(mixture, 500, stream(seed));
      const counts = [0, 0, 0, 0];
      for (const x of points) counts[Math.round(x / 100)]!++;
      [61.5, 2, 0, 436.5].forEach((want, k) => {
        expect(Math.abs(counts[k]! - want)).toBeLessThan(1 + 1e-9);
      });
    }
  });

  it('has the mixture’s mean and covariance', () => {
    const mixture = someMixture(3, 1);
    const count = 40_000;
    const points = drawMixture(mixture, count, stream(3));
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b <= a; b++) {
        let want = 0;
        let got = 0;
        for (let j = 0; j <= b; j++) want += mixture.factors[(a * (a + 1)) / 2 + j]! * mixture.factors[(b * (b + 1)) / 2 + j]!;
        for (let n = 0; n < count; n++) got += (points[3 * n + a]! - mixture.means[a]!) * (points[3 * n + b]! - mixture.means[b]!);
        expect(Math.abs(got / count - want)).toBeLessThan(0.05);
      }
    }
  });

  it('resamples by weight', () => {
    const logWeights = [0.1, 0, 0.25, 0.65, 0].map((weight) => Math.log(weight) + 7);
    const total = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 400; seed++) {
      const indices = resample(logWeights, 7, stream(seed));
      const counts = [0, 0, 0, 0, 0];
      for (const index of indices) {
        counts[index]!++;
        total[index]!++;
      }
      [0.7, 0, 1.75, 4.55, 0].forEach((want, i) => {
        expect(Math.abs(counts[i]! - want)).toBeLessThan(1);
      });
    }
    [0.1, 0, 0.25, 0.65, 0].forEach((want, i) => {
      expect(Math.abs(total[i]! / 2800 - want)).toBeLessThan(0.01);
    });
  });
});

describe('Pareto smoothing', () => {
  // By ArviZ 0.23.4, psislw: shape, then the log weights numbered 0 and 3.
  it.each([
    [0.3, 25, 0.4512926042661839, -2.3825657102381994, -2.9931047564169773],
    [0.3, 5000, 0.3112787572029243, -6.110688382634814, -6.6763704153208465],
    [0.7, 25, 0.5532443137866407, -1.5770218598752863, -2.8248457890612375],
    [0.7, 200, 0.6414535059111068, -2.3203643821796804, -3.5852507559768796],
    [1.2, 200, 1.0071479113212243, -1.1701805090842996, -3.146458038263908],
    [1.2, 5000, 1.1548441872152846, -1.1126086296441868, -3.3602430526086815],
  ])('agrees with ArviZ on the quantiles of u^-%f, %d of them', (k, n, want, first, fourth) => {
    const fit = paretoSmooth(Float64Array.from({ length: n }, (_, i) => -k * Math.log((i + 0.5) / n)));
    expect(fit.k).toBeCloseTo(want, 9);
    expect(fit.logWeights[0]).toBeCloseTo(first, 9);
    expect(fit.logWeights[3]).toBeCloseTo(fourth, 9);
  });

  it('agrees with ArviZ on a bounded tail', () => {
    const fit = paretoSmooth(Float64Array.from({ length: 1000 }, (_, i) => Math.log(1 - 0.5 * Math.sqrt((i + 0.5) / 1000))));
    expect(fit.k).toBeCloseTo(-0.3781012465319362, 9);
    expect(fit.logWeights[0]).toBeCloseTo(-6.513862926819384, 9);
  });

  it.each([0.3, 0.7, 1.2])('finds the shape %f of random weights', (k) => {
    const n = 40_000;
    const found = [0, 1, 2, 3, 4].map((seed) => {
      const random = stream(seed);
      return paretoSmooth(Float64Array.from({ length: n }, () => -k * Math.log(random.uniform()))).k;
    });
    // Standard error of the shape from m values: about (1 + k) / sqrt m; the prior counts for ten values.
    const m = 3 * Math.sqrt(n);
    const mean = found.reduce((sum, each) => sum + each, 0) / found.length;
    expect(Math.abs(mean - (m * k + 5) / (m + 10))).toBeLessThan((4 * (1 + k)) / Math.sqrt(5 * m));
    for (const each of found) expect(Math.abs(each - k)).toBeLessThan((4.5 * (1 + k)) / Math.sqrt(m));
  });

  it('has an answer where there is no tail', () => {
    expect(paretoSmooth(new Float64Array(100)).k).toBe(0);
    expect(paretoSmooth(new Float64Array(24)).k).toBe(Infinity);
    const alone = paretoSmooth(Float64Array.from({ length: 100 }, (_, i) => (i === 7 ? 0 : -1e4)));
    expect(alone.k).toBe(Infinity);
    expect(alone.logWeights[7]).toBe(0);
    const zeros = paretoSmooth(Float64Array.from({ length: 100 }, (_, i) => (i < 30 ? -0.01 * i : -Infinity)));
    expect(zeros.k).toBeLessThan(0.5);
    expect(zeros.logWeights.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 12);
    expect(zeros.logWeights[50]).toBe(-Infinity);
  });
});

describe('assessing a fit', () => {
  it('is exact where the fit is', async () => {
    const mixture = someMixture(4, 3);
    const logZ = -12.5;
    const exact = async (points: Float64Array) => logDensity(mixture, points).map((log) => log + logZ);
    const posterior = await assess(mixture, exact, 1000, stream(1));
    expect(posterior.elbo).toBeCloseTo(logZ, 10);
    expect(posterior.elboStandardError).toBeLessThan(1e-12);
    expect(posterior.logEvidence.value).toBeCloseTo(logZ, 10);
    expect(posterior.logEvidence.standardError).toBeLessThan(1e-12);
    expect(posterior.effectiveSampleSize).toBeCloseTo(1000, 6);
    expect(posterior.paretoK).toBe(0);
    expect(posterior.nonFinite).toBe(0);
    expect(posterior.points).toHaveLength(1000);
    expect(posterior.logWeights.every((log) => Math.abs(log + Math.log(1000)) < 1e-9)).toBe(true);
  });

  it('knows its own error: the evidence of two modes', async () => {
    const target = line([0.3, 0.7], [-2, 3], [0.8, 1]);
    const fit = line([0.45, 0.55], [-2.2, 3.3], [1, 1.2]);
    const logZ = 4;
    const scores: number[] = [];
    let elbo = 0;
    const runs = 150;
    for (let seed = 0; seed < runs; seed++) {
      const posterior = await assess(fit, async (points) => logDensity(target, points).map((log) => log + logZ), 1500, stream(seed));
      const { value, standardError } = posterior.logEvidence;
      scores.push((value - logZ) / standardError);
      elbo += posterior.elbo / runs;
      expect(posterior.elbo).toBeLessThan(value);
      expect(posterior.paretoK).toBeLessThan(0.7);
      expect(posterior.effectiveSampleSize).toBeGreaterThan(750);
    }
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4);
    const spread = Math.sqrt(scores.reduce((sum, z) => sum + z * z, 0) / runs);
    // Strata make the true error smaller than the estimate, never larger.
    expect(spread).toBeGreaterThan(0.6);
    expect(spread).toBeLessThan(1.15);
    expect(elbo).toBeLessThan(logZ);
    expect(elbo).toBeGreaterThan(logZ - 0.3);
  });

  it('sees a fit that is too narrow', async () => {
    const target = line([1], [0], [2]);
    const posterior = await assess(line([1], [0], [1]), async (points) => logDensity(target, points), 5000, stream(2));
    // Weights exp(3 x^2 / 8) have a tail of shape 3/4.
    expect(posterior.paretoK).toBeGreaterThan(0.5);
    expect(posterior.logWeights.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 10);
  });

  it('counts what has no density', async () => {
    const mixture = line([1], [0], [1]);
    // Half a Gaussian, of evidence 1/2; NaN and infinities all count as nothing.
    const half = async (points: Float64Array) =>
      logDensity(mixture, points).map((log, n) => (points[n]! > 0 ? log : [Number.NaN, Infinity, -Infinity][n % 3]!));
    const posterior = await assess(mixture, half, 4000, stream(5));
    expect(Math.abs(posterior.nonFinite - 2000)).toBeLessThan(150);
    expect(posterior.elbo).toBeCloseTo(0, 10);
    expect(Math.abs(posterior.logEvidence.value - Math.log(0.5))).toBeLessThan(4 * posterior.logEvidence.standardError);
    expect(posterior.effectiveSampleSize).toBeCloseTo(4000 - posterior.nonFinite, 6);
    const some = resample(posterior.logWeights, 100, stream(6));
    expect(some.every((n) => posterior.points[n]![0]! > 0)).toBe(true);
    await expect(assess(mixture, async (points) => points.map(() => -Infinity), 10, stream(7))).rejects.toThrow(/each of 10 points/);
  });

  it('does not claim to know from one draw', async () => {
    const mixture = line([1], [0], [1]);
    const posterior = await assess(mixture, async (points) => logDensity(mixture, points), 1, stream(8));
    expect(posterior.elboStandardError).toBe(Infinity);
    expect(posterior.paretoK).toBe(Infinity);
  });
});

describe('the boundary bounded', () => {
  const box = parseBox([
    [0, 4],
    [-3, -1],
  ]);

  it('maps one to one, with its Jacobian', () => {
    for (const u of [-300, -15, -2, -0.3, 0, 0.7, 2, 15, 300]) {
      const { x, slope } = enterBox(u, -3, -1, 'bounded');
      expect(x).toBeCloseTo(-2 + Math.tanh(u), 14);
      expect(slope).toBeCloseTo(1 / Math.cosh(u) ** 2, 14);
      expect(x).toBeGreaterThanOrEqual(-3);
      expect(x).toBeLessThanOrEqual(-1);
      const want = Math.abs(u) > 100 ? -2 * Math.abs(u) + 2 * Math.LN2 : -2 * Math.log(Math.cosh(u));
      expect(logJacobian([u, 1], box, 'bounded')).toBeCloseTo(Math.log(2) + want - 2 * Math.log(Math.cosh(1)), 9);
    }
    // Near the face at 0, to the last digits.
    expect(enterBox(-20, 0, 4, 'bounded').x / (4 * Math.exp(-40))).toBeCloseTo(1, 14);
    expect(logJacobian([9, -9], box, 'none')).toBe(Math.log(2));
  });

  it('makes a density over the box integrate to one', () => {
    let mass = 0;
    for (let u = -12; u <= 12; u += 0.01) mass += (0.01 * Math.exp(logJacobian([u], parseBox([[0, 4]]), 'bounded'))) / 4;
    expect(mass).toBeCloseTo(1, 8);
  });

  it('is the only one beside none that has a Jacobian, and not one for optima', async () => {
    for (const boundary of boundaries.filter((name) => name !== 'none' && name !== 'bounded')) {
      expect(() => logJacobian([0, 0], box, boundary)).toThrow(RangeError);
    }
    const options = {
      wgsl: 'fn objective(x: Point) -> f32 { return x[0]; }',
      box: [[0, 1]] as [number, number][],
      boundary: 'bounded' as const,
    };
    await expect(minimize(options)).rejects.toThrow(OptionError);
    await expect(minimize(options)).rejects.toThrow(/sample\(\)/);
  });
});
