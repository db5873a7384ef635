/** The twins of inversion against definitions: the information form is the augmented Kalman form, steps contract, exploration is exact. */
import { describe, expect, it } from 'vitest';
import { hermiteNodes } from '../../src/sampler/nodes.ts';
import { matrixOf } from '../cases/inversion-run.ts';
import { Content, randomFactor } from '../cases/kernels-content.ts';
import { cholesky, inverseLower } from '../reference/cholesky.ts';
import { explored, nodeLog, nodeMoments, placeNode } from '../reference/explore.ts';
import { differences, sigmaPoints } from '../reference/inversion.ts';
import {
  augmentedStep,
  entropyMoments,
  entropyNode,
  kalmanMoments,
  kalmanNoise,
  noPrior,
  priorTerms,
  stepByMoments,
  variationalMoments,
} from '../reference/kalman.ts';
import {
  add,
  addVectors,
  apply,
  identity,
  inverse,
  type Matrix,
  multiply,
  outer,
  scale,
  scaleVector,
  transpose,
  type Vector,
} from '../reference/matrix.ts';
import { type Component, component, hessLogDensity, logDensity } from '../reference/mixture.ts';

function expectMatrix(got: Matrix, want: Matrix, digits: number): void {
  got.forEach((row, i) => {
    row.forEach((entry, j) => {
      expect(entry).toBeCloseTo(want[i]![j]!, digits);
    });
  });
}

/** Whitened residuals of a model that is quadratic in each parameter, about data. */
function quadratic(random: Content, dim: number, observations: number, bent: number): (theta: Vector) => Vector {
  const A = matrixOf(random, observations, dim);
  const Q = matrixOf(random, observations, dim, bent);
  const y = random.vector(observations);
  return (theta) => y.map((datum, i) => datum - theta.reduce((sum, x, j) => sum + x * (A[i]![j]! + Q[i]![j]! * x), 0));
}

const residualsOf = (G: (theta: Vector) => Vector, { mean, factor }: Pick<Component, 'mean' | 'factor'>, c: number): Matrix =>
  sigmaPoints(mean.length, c).map((z) => G(addVectors(mean, apply(factor, z))));

/** As the kernels take it: slopes and innovation whitened by the factor of the noise. */
function informationStep(own: Pick<Component, 'mean' | 'factor'>, residuals: Matrix, P: Matrix | undefined, c: number, h: number) {
  const of = differences(
    residuals,
    residuals.map(() => true),
    c,
  );
  const whitening = inverseLower(cholesky(kalmanNoise(of, h)).factor);
  const prior = P ? priorTerms(own, inverseLower(cholesky(P).factor)) : noPrior(own.mean.length);
  const slopes = multiply(of.slopes, transpose(whitening));
  return stepByMoments(own, kalmanMoments(slopes, apply(whitening, residuals[0]!), prior, h), h);
}

describe.each([
  [1, 1],
  [1, 4],
  [5, 2],
  [6, 13],
])('d = %i, m = %i', (dim, observations) => {
  const random = new Content(dim + 100 * observations);
  const own = { mean: random.vector(dim), factor: randomFactor(random, dim, 'full', 0.7) };
  const factor = randomFactor(random, dim, 'full', 1);
  const P = multiply(factor, transpose(factor));
  const c = Math.min(2, Math.sqrt(dim));

  it('the information form is the augmented Kalman form', () => {
    for (const h of [0.1, 0.5, 0.9]) {
      for (const prior of [P, undefined]) {
        const residuals = residualsOf(quadratic(random, dim, observations, 1), own, c);
        const got = informationStep(own, residuals, prior, c, h);
        const want = augmentedStep(own, residuals, prior, c, h);
        expectMatrix([got.mean], [want.mean], 11);
        expectMatrix(got.covariance, want.covariance, 11);
      }
    }
  });

  it('a linear model: the step is that of the exact posterior, by either method', () => {
    const h = 0.3;
    const G = quadratic(random, dim, observations, 0);
    const widened = { mean: own.mean, factor: scale(1 / Math.sqrt(1 - h), own.factor) };
    const origin = G(own.mean.map(() => 0));
    const slopes = own.mean.map((_, j) => G(own.mean.map((_, i) => Number(i === j))).map((entry, i) => origin[i]! - entry));
    const precision = add(multiply(slopes, transpose(slopes)), inverse(P));
    const before = inverse(multiply(own.factor, transpose(own.factor)));
    const after = inverse(add(scale(1 - h, before), scale(h, precision)));
    const mean = apply(after, addVectors(scaleVector(1 - h, apply(before, own.mean)), scaleVector(h, apply(slopes, origin))));

    const kalman = informationStep(widened, residualsOf(G, widened, c), P, c, h);
    expectMatrix(kalman.covariance, after, 11);
    expectMatrix([kalman.mean], [mean], 11);

    const one = component(0, own.mean, own.factor);
    const node = entropyNode([one], own.factor, own.mean);
    const residuals = residualsOf(G, own, 0.5);
    const every = residuals.map(() => true);
    const prior = priorTerms(own, inverseLower(cholesky(P).factor));
    const moments = variationalMoments(entropyMoments([node], [1]), differences(residuals, every, 0.5), residuals[0]!, prior, 0.5);
    const variational = stepByMoments(own, moments, h);
    expectMatrix(variational.covariance, after, 10);
    expectMatrix([variational.mean], [mean], 10);
  });
});

describe('failed members', () => {
  const random = new Content(5);
  const G = quadratic(random, 3, 4, 0);
  const own = { mean: random.vector(3), factor: randomFactor(random, 3, 'full', 1) };
  const residuals = residualsOf(G, own, 1.5);

  it('a linear model has the same slope from one side', () => {
    const whole = differences(residuals, new Array(7).fill(true), 1.5);
    const some = differences(residuals, [true, false, true, true, false, false, false], 1.5);
    expectMatrix(some.slopes.slice(0, 2), whole.slopes.slice(0, 2), 12);
    expect(some.slopes[2]).toEqual([0, 0, 0, 0]);
    expect(some.bends.flat().every((bend) => bend === 0)).toBe(true);
    expect(
      differences(residuals, [false, true, true, true, true, true, true], 1.5)
        .slopes.flat()
        .every((slope) => slope === 0),
    ).toBe(true);
  });
});

describe('entropy', () => {
  const random = new Content(9);
  const mixture = [0, 1, 2].map(() => component(Math.log(1 / 3), random.vector(2), randomFactor(random, 2, 'full', 1)));

  it('pulls make the corrected Hessian, which drops the other precisions but keeps the own one', () => {
    mixture.forEach((own) => {
      const x = random.vector(2);
      const { G } = entropyMoments([entropyNode(mixture, own.factor, x)], [1]);
      // H = sum r v v^T - g g^T - C_k^-1 is the exact one with sum r C_i^-1 - C_k^-1 added.
      const terms = mixture.map((one) => one.logWeight + logDensity([{ ...one, logWeight: 0 }], x));
      const total = logDensity(mixture, x);
      const pooled = mixture.map((one, i) => scale(Math.exp(terms[i]! - total), one.precision)).reduce(add);
      const corrected = add(add(hessLogDensity(mixture, x), pooled), scale(-1, own.precision));
      expectMatrix(scale(-1, G), multiply(multiply(transpose(own.factor), corrected), own.factor), 11);
    });
  });

  it('precisions never fall below 1 - h of what they were, whatever the model', () => {
    const h = 0.7;
    mixture.forEach((own) => {
      const residuals = residualsOf(quadratic(random, 2, 3, 2), own, 0.5);
      const every = residuals.map(() => true);
      const entropy = entropyMoments([entropyNode(mixture, own.factor, own.mean)], [1]);
      const { G } = variationalMoments(entropy, differences(residuals, every, 0.5), residuals[0]!, noPrior(2), 0.5);
      // I - h G - (1 - h) I is positive semidefinite: with a bit added it has a factor.
      const above = add(scale(h + 1e-9, identity(2)), scale(-h, G));
      expect(cholesky(above).failure).toBe(0);
    });
  });
});

describe('exploration', () => {
  it('parts the mass and the moments of rho^(1-h) among the components', () => {
    const h = 0.5;
    const mixture = [component(Math.log(0.3), [-1], [[0.7]]), component(Math.log(0.7), [1.5], [[1]])];
    const grid = Array.from({ length: 8001 }, (_, i) => (i - 4000) / 200);
    const power = (n: number) => grid.reduce((total, x) => total + Math.exp((1 - h) * logDensity(mixture, [x])) * x ** n, 0) / 200;
    const { rows, count } = hermiteNodes(1, 128);
    const nodes = Array.from({ length: count }, (_, j) => ({ z: [rows[2 * j]!], weight: rows[2 * j + 1]! }));
    const parts = mixture.map((own, k) => {
      const logs = nodes.map((node) => nodeLog(mixture, k, node, h, true));
      const { logWeight, g, G } = explored(own, 'matched', nodeMoments(nodes, logs), h);
      const [m, s] = [own.mean[0]!, own.factor[0]![0]!];
      return { share: Math.exp(logWeight), first: m + s * g[0]!, second: m * m + 2 * m * s * g[0]! + s * s * (1 + G[0]![0]!) };
    });
    const total = (of: (part: (typeof parts)[number]) => number) => parts.reduce((sum, part) => sum + part.share * of(part), 0);
    // What the identity leaves out of all: (1 - h)^(-1/2).
    expect(total(() => 1) / power(0)).toBeCloseTo(Math.sqrt(1 - h), 5);
    expect(total(({ first }) => first) / total(() => 1)).toBeCloseTo(power(1) / power(0), 5);
    expect(total(({ second }) => second) / total(() => 1)).toBeCloseTo(power(2) / power(0), 5);
  });

  it('a component alone is widened by 1 / (1 - h), and sigma points move nothing', () => {
    const random = new Content(2);
    const own = component(0, random.vector(3), randomFactor(random, 3, 'full', 1));
    const { rows, count } = hermiteNodes(3, 4);
    const nodes = Array.from({ length: count }, (_, j) => ({ z: Array.from(rows.subarray(4 * j, 4 * j + 3)), weight: rows[4 * j + 3]! }));
    const logs = nodes.map((node) => nodeLog([own], 0, node, 0.4, true));
    const { g, G, logWeight } = explored(own, 'matched', nodeMoments(nodes, logs), 0.4);
    expectMatrix([g], [[0, 0, 0]], 13);
    expectMatrix(add(add(identity(3), G), scale(-1, outer(g, g))), scale(1 / 0.6, identity(3)), 12);
    expect(logWeight).toBeCloseTo(-0.4 * own.logNormaliser, 12);
    expect(placeNode(own, { z: [0, 0, 0], weight: 1 }, 0.4, true)).toEqual(own.mean);
  });
});
