/** The GMMVI family on densities with known answers; its statistics stand in the long test and in bench/README.md. */
import { describe, expect, it } from 'vitest';
import { createSolver, gmmvi, gmmviCodes, gmmviPresets, sample } from '../../src/index.ts';
import { getDevice } from '../harness/device.ts';
import { runCode } from './gmmvi-codes.ts';
import { fiveD, mixtureTarget } from './gmmvi-targets.ts';

const gaussian = { wgsl: mixtureTarget([{ weight: 1, mean: [1, -0.5, 2], deviation: [0.5, 1, 1.5] }]), sense: 'maximize' as const };
const box = [
  [-4, 4],
  [-4, 4],
  [-4, 4],
] as const;

describe('codes', () => {
  it('there are 432, all different', () => {
    expect(new Set(gmmviCodes).size).toBe(432);
    expect(gmmviCodes).toEqual(expect.arrayContaining(['SAMTRON', ...Object.values(gmmviPresets)]));
  });

  it('a preset is its code, whatever the case of its letters', () => {
    expect(gmmvi('vips').name).toBe('ZAMTRUX');
    expect(gmmvi('iBayes-GMM-iBLR').name).toBe('SEPYFUX');
  });

  it.each([
    ['SAMTRO', /takes 7 letters/],
    ['XAMTRON', /letter 1 is X, but the estimator is one of Z \(MORE.*S \(Stein/],
    ['SAMTRAN', /letter 6 is A, but the weight step is one of U \(direct\) or O/],
    ['SAMTROP', /letter 7 is P.*X \(fixed\), G \(decaying\) or N/],
  ])('%s is refused, saying where it is wrong', (code, message) => {
    expect(() => gmmvi(code)).toThrow(message);
  });

  it('options of modules that the code does not have are refused', () => {
    const objective = { derivatives: 'gradient', dim: 2 } as const;
    expect(() => gmmvi('SEMTRON', { addEvery: 10 }).resolve(objective)).toThrow(/addEvery has no effect in SEMTRON.*second letter A/);
    expect(() => gmmvi('SAMTFON', { stepMin: 0.1 }).resolve(objective)).toThrow(/stepMin.*fifth letter R/);
    expect(() => gmmvi('SAMTRON', { pastSamples: 3 }).resolve(objective)).toThrow(/pastSamples/);
    expect(() => gmmvi('SAMTRON').resolve({ derivatives: 'value', dim: 2 })).toThrow(/ZAMTRON \(MORE\) takes values only/);
  });

  it('MORE beyond what its fit can hold is refused before anything is allocated', async () => {
    const device = await getDevice();
    const wide = Array.from({ length: 36 }, () => [-1, 1] as const);
    const wgsl = 'fn objective(x: Point) -> f32 { return -x[0] * x[0]; }';
    await expect(createSolver({ wgsl, box: wide, boundary: 'none' }, gmmvi('VIPS'), { device })).rejects.toThrow(/35 dimensions.*Stein/s);
  });
});

describe('one Gaussian', () => {
  it.each(['ZEMIFUX', 'ZEMYFUX', 'ZEMTFUX'])('%s, whose fit is exact, lands on it', async (code) => {
    const device = await getDevice();
    // One full step of the direct rule and of a bound that allows it; iBLR, whose mean moves from its second step on, in a few.
    const options = code[3] === 'T' ? { step: 1e4 } : { step: 1 };
    const solver = await createSolver({ ...gaussian, box, boundary: 'none' }, gmmvi(code, { ...options, samples: 200 }), {
      device,
      components: 1,
      seed: 3,
    });
    const { mixture } = await solver.step(code[3] === 'Y' ? 12 : 1);
    solver.dispose();
    const [mean] = mixture.means;
    const [covariance] = mixture.covariances;
    [1, -0.5, 2].forEach((m, i) => {
      expect(mean![i]).toBeCloseTo(m, 2);
    });
    [0.25, 1, 2.25].forEach((variance, i) => {
      expect(covariance![i]![i]! / variance).toBeCloseTo(1, 2);
    });
    expect(Math.abs(covariance![1]![0]!)).toBeLessThan(1e-2);
  });

  it("Stein's estimator lands on it within its noise", async () => {
    const device = await getDevice();
    const solver = await createSolver({ ...gaussian, box, boundary: 'none' }, gmmvi('SEMIFUX', { step: 1, samples: 20000 }), {
      device,
      components: 1,
    });
    const { mixture } = await solver.step(1);
    solver.dispose();
    // The relative error of an entry of G is about sqrt(2/n) = 0.01; that of the mean follows from it.
    [1, -0.5, 2].forEach((m, i) => {
      expect(Math.abs(mixture.means[0]![i]! - m)).toBeLessThan(0.1);
    });
    [0.25, 1, 2.25].forEach((variance, i) => {
      expect(Math.abs(mixture.covariances[0]![i]![i]! / variance - 1)).toBeLessThan(0.1);
    });
  });

  it('at temperature 2 its covariance is twice that of the density', async () => {
    const device = await getDevice();
    const method = gmmvi('ZEMTRUX', { step: 1e4, stepMax: 1e4, samples: 200, temperature: 2 });
    const solver = await createSolver({ ...gaussian, box, boundary: 'none' }, method, { device, components: 1 });
    const { mixture } = await solver.step(3);
    solver.dispose();
    [0.5, 2, 4.5].forEach((variance, i) => {
      expect(mixture.covariances[0]![i]![i]! / variance).toBeCloseTo(1, 2);
    });
  });
});

describe('codes run', () => {
  // Every letter of every position; all 432 in the long test.
  it.each(gmmviCodes.filter((_, i) => i % 43 === 7))('%s', (code) => runCode(code));
});

describe('sample', () => {
  it('finds the modes, their weights, and the evidence, with the number of components its own affair', async () => {
    const device = await getDevice();
    const result = await sample({ ...fiveD, device, seed: 1, iterations: 120, draws: 50 });
    expect(result.method).toBe('SAMTRON');
    expect(result.modes).toHaveLength(3);
    const total = result.modes.reduce((sum, { weight }) => sum + weight, 0);
    expect(total).toBeCloseTo(1, 6);
    [0.5, 0.3, 0.2].forEach((weight, i) => {
      const x = [
        [3, 3, 0, 0, 0],
        [-3, 0, 2, 0, 0],
        [0, -4, 0, -2, 0],
      ][i]!;
      const near = result.mixture.means.map((mean) => Math.hypot(...mean.map((m, a) => m - x[a]!)) < 3);
      const mass = result.mixture.weights.reduce((sum, w, k) => sum + (near[k] ? w : 0), 0);
      expect(Math.abs(mass - weight)).toBeLessThan(0.02);
    });
    expect(Math.abs(result.logEvidence.value)).toBeLessThan(Math.max(4 * result.logEvidence.standardError, 0.01));
    expect(result.elbo).toBeLessThanOrEqual(result.logEvidence.value + 1e-9);
    expect(result.draws).toHaveLength(50);
    expect(result.effectiveSampleSize).toBeGreaterThan(8000);
  }, 60_000);

  it('without a gradient it fits quadratics', async () => {
    const device = await getDevice();
    const wgsl = 'fn objective(x: Point) -> f32 { let a = abs(x[0]) - 3.0; return -0.5 * (a * a + x[1] * x[1]); }';
    const result = await sample({
      wgsl,
      dim: 2,
      box: [
        [-6, 6],
        [-6, 6],
      ],
      device,
      iterations: 50,
    });
    expect(result.method).toBe('ZAMTRON');
    expect(result.modes).toHaveLength(2);
    const exact = Math.log(4 * Math.PI * 0.9986501);
    expect(Math.abs(result.logEvidence.value - exact)).toBeLessThan(Math.max(4 * result.logEvidence.standardError, 0.01));
  }, 60_000);

  it('bounded: the evidence is the integral over the box', async () => {
    const device = await getDevice();
    const { wgsl } = { wgsl: mixtureTarget([{ weight: 1, mean: [0, 0], deviation: [1, 1] }]) };
    const result = await sample({
      wgsl,
      dim: 2,
      box: [
        [0, 3],
        [-1, 1],
      ],
      bounded: true,
      device,
      iterations: 60,
    });
    const share = 0.4986501 * 0.6826895;
    expect(Math.abs(result.logEvidence.value - Math.log(share))).toBeLessThan(Math.max(4 * result.logEvidence.standardError, 0.02));
    for (const { x } of result.modes) expect(x[0]).toBeGreaterThanOrEqual(0);
  }, 60_000);

  it('all weight of the start in one place: nothing breaks, and what failed is counted', async () => {
    const device = await getDevice();
    const start = {
      means: [
        [40, 0, 0, 0, 0],
        [40, 0, 0, 0, 1],
      ],
      deviation: 1e-3,
    };
    const result = await sample({ ...fiveD, device, start, iterations: 20, method: gmmvi('SEPIFUX', { samples: 20 }) });
    expect(result.mixture.weights.every(Number.isFinite)).toBe(true);
    expect(result.mixture.means.flat().every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(result.elbo)).toBe(true);
  }, 60_000);
});
