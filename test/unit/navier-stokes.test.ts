/** The Navier-Stokes problem in float64: its modes, its symmetry, how accurate its schemes are, and its committed content. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/problems/generated-content.ts';
import {
  initialModes,
  mirrored,
  navierStokes,
  navierStokesStarts,
  navierStokesTruth,
  noisy,
  PRIOR_DEVIATION,
  vorticity,
  vorticityError,
} from '../../src/problems/navier-stokes.ts';

const normals = (seed: number, count: number): number[] => {
  const { normal } = seededRandom(seed);
  return Array.from({ length: count }, () => PRIOR_DEVIATION * normal());
};
const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
const run = (options: Parameters<typeof navierStokes>[0], theta: ArrayLike<number>) =>
  navierStokes({ ...options, unknowns: theta.length }).twin(Float64Array.from(theta));

describe('modes of the initial vorticity', () => {
  it('are ordered as in the sheet', () => {
    expect(initialModes(8).map(({ kx, ky }) => [kx, ky])).toEqual([
      [-1, 0],
      [0, -1],
      [0, 1],
      [1, 0],
      [-1, -1],
      [-1, 1],
      [1, -1],
      [1, 1],
    ]);
    const modes = initialModes(128);
    expect(modes.filter(({ sine }) => sine)).toHaveLength(64);
    expect(Math.max(...modes.map(({ kx, ky }) => kx ** 2 + ky ** 2))).toBe(40);
    expect(
      Math.min(
        ...initialModes(129)
          .slice(128)
          .map(({ kx, ky }) => kx ** 2 + ky ** 2),
      ),
    ).toBeGreaterThan(40);
  });

  it('mirror to -w(2 pi - x, y), twice to themselves', () => {
    const theta = normals(1, 128);
    const grid = 32;
    const field = vorticity(theta, grid);
    const image = vorticity(mirrored(theta), grid);
    const wanted = field.map((_, n) => -field[((grid - Math.floor(n / grid)) % grid) * grid + (n % grid)]);
    expect(largest(image, wanted)).toBeLessThan(1e-13);
    expect(Array.from(mirrored(mirrored(theta)))).toEqual(theta);
    expect(() => mirrored(normals(1, 5))).toThrow('cannot be reflected');
  });

  it('give the relative error of fields', () => {
    const [a, b] = [normals(2, 24), normals(3, 24)];
    const norm = (values: Float64Array) => Math.hypot(...values);
    const [fieldA, fieldB] = [vorticity(a, 16), vorticity(b, 16)];
    expect(vorticityError(a, b)).toBeCloseTo(norm(fieldA.map((value, i) => value - fieldB[i])) / norm(fieldB), 12);
  });
});

describe('the float64 twin', () => {
  const theta = normals(4, 24);

  it('gives mirror images the same data', () => {
    expect(largest(run({ grid: 32 }, theta), run({ grid: 32 }, mirrored(theta)))).toBeLessThan(2e-14);
  });

  it('agrees with itself across schemes, steps and grids', () => {
    const fine = run({ grid: 64, step: 2.5e-3 }, theta);
    // Order 4: half the step, a sixteenth of the error.
    const [coarse, halved] = [0.01, 0.005].map((step) => largest(run({ grid: 64, step }, theta), fine));
    expect(coarse).toBeLessThan(3e-3);
    expect(coarse / halved).toBeGreaterThan(10);
    expect(largest(run({ grid: 32, step: 2.5e-3 }, theta), fine)).toBeLessThan(5e-2);
    // Order 1.
    const [euler, halfEuler] = [1e-3, 5e-4].map((step) => largest(run({ grid: 64, step, scheme: 'crank-nicolson' }, theta), fine));
    expect(euler / halfEuler).toBeGreaterThan(1.7);
    expect(halfEuler).toBeLessThan(0.1);
  });

  it('is exact where the vorticity depends on x alone: nothing is advected', () => {
    const nu = 0.01;
    const amplitude = 3 / (Math.SQRT2 * Math.PI);
    const wanted = [0.25, 0.5].flatMap((t) =>
      Array.from({ length: 56 }, (_, n) => {
        const x = ((Math.floor(n / 8) + 1) * Math.PI) / 8;
        const forced = (-4 * (1 - Math.exp(-16 * nu * t))) / (16 * nu);
        return amplitude * Math.exp(-nu * t) * Math.sin(x) + forced * Math.sin(4 * x);
      }),
    );
    expect(largest(run({ grid: 32 }, [0, 0, 0, 3]), wanted)).toBeLessThan(1e-9);
  });
});

describe('the inversion problem', () => {
  it('has the committed content: truth, starts on both sides, data', () => {
    const { normal } = seededRandom(23);
    const draw = () => Array.from({ length: 128 }, () => Number((PRIOR_DEVIATION * normal()).toPrecision(7)));
    const truth = draw();
    expect(navierStokesTruth).toEqual(truth);
    const [first, second] = [draw(), draw()];
    expect(largest(navierStokesStarts[0], second)).toBe(0);
    expect(largest(navierStokesStarts[1], mirrored(second))).toBe(0);
    expect(largest(navierStokesStarts[2], first)).toBe(0);
    const { twin, data, observations } = navierStokes();
    expect(data).toHaveLength(observations);
    expect(largest(data, noisy(twin(Float64Array.from(truth)), 0.1))).toBeLessThan(1e-6);
  });

  it('makes data for other options, once', () => {
    const problem = navierStokes({ grid: 32, unknowns: 24, noise: 0.2 });
    const exact = problem.twin(Float64Array.from(navierStokesTruth.slice(0, 24)));
    const residual = Math.sqrt(problem.data.reduce((sum, value, i) => sum + (value - exact[i]) ** 2, 0) / 112);
    expect(residual).toBeGreaterThan(0.15);
    expect(residual).toBeLessThan(0.25);
    expect(problem.data).toBe(problem.data);
  });

  it('refuses what it cannot run', () => {
    expect(() => navierStokes({ grid: 48 as 32 })).toThrow('grid');
    expect(() => navierStokes({ grid: 32, unknowns: 400 })).toThrow('a grid of 32 keeps 10');
    expect(() => navierStokes({ unknowns: 0 })).toThrow('unknowns');
    expect(() => navierStokes({ step: 0.003 })).toThrow('divide');
    expect(() => navierStokes({ scheme: 'euler' as 'ifrk4' })).toThrow('scheme');
    expect(() => navierStokes({ truth: [1, 2] })).toThrow('truth');
    expect(() => navierStokes({ noise: 0 })).toThrow('noise');
  });
});
