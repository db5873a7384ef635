/** The weights in the space of the ensemble are the gain in observation space, and the trapezoidal step in parameter space. */
import { describe, expect, it } from 'vitest';
import { Content } from '../cases/kernels-content.ts';
import { deviations, type Ensemble, inversionStep, moveByWeights, ridgeOf, samplerStep } from '../reference/ensemble.ts';
import { apply, identity, type Matrix, multiply, transpose } from '../reference/matrix.ts';

/** G(u) = A u, whitened, about data y. */
function linearEnsemble(random: Content, particles: number, dim: number, observations: number): Ensemble {
  const A = Array.from({ length: observations }, () => random.vector(dim));
  const y = random.vector(observations);
  const u = Array.from({ length: particles }, () => random.vector(dim));
  const residuals = u.map((own) => apply(A, own).map((g, i) => y[i] - g));
  return { particles: u, residuals, misfits: residuals.map((row) => 0.5 * row.reduce((sum, entry) => sum + entry * entry, 0)) };
}

const expectMatrix = (got: Matrix, want: Matrix) => {
  got.flat().forEach((entry, at) => {
    expect(entry).toBeCloseTo(want.flat()[at], 9);
  });
};

describe.each([
  [12, 3, 2],
  [5, 2, 9],
  [7, 1, 1],
])('%i particles, %i parameters, %i observations', (particles, dim, observations) => {
  const random = new Content(particles);
  const ensemble = linearEnsemble(random, particles, dim, observations);

  it('inversion by Woodbury', () => {
    const h = 0.3;
    const innovations = ensemble.residuals.map((row) => row.map((entry) => entry + random.normal() / Math.sqrt(h)));
    const { responses, count } = deviations(ensemble);
    const products = multiply(responses, transpose(innovations));
    expectMatrix(moveByWeights(ensemble, responses, ridgeOf('inversion', count, h), products), inversionStep(ensemble, innovations, h));
  });

  it('the sampler, whose prior is more observations', () => {
    const h = 0.4;
    // P^-1 = S S^T with S^T a lower triangle's transpose.
    const lower = identity(dim).map((row, i) => row.map((_, j) => (j < i ? 0.4 : j === i ? 1 + 0.2 * i : 0)));
    const xi = Array.from({ length: particles }, () => random.vector(particles));
    const { responses, count, particles: deviation } = deviations(ensemble);
    const withPrior = responses.map((row, j) => [...row, ...apply(lower, deviation[j])]);
    const innovations = ensemble.residuals.map((row, j) => [...row, ...apply(lower, ensemble.particles[j]).map((entry) => -entry)]);
    const ridge = ridgeOf('sampler', count, h);
    const rightSide = multiply(withPrior, transpose(innovations)).map((row, k) =>
      row.map((product, j) => 2 * (product + (k === j ? dim + 1 : 0) + Math.sqrt(ridge) * xi[j][k])),
    );
    expectMatrix(moveByWeights(ensemble, withPrior, ridge, rightSide), samplerStep(ensemble, multiply(transpose(lower), lower), h, xi));
  });
});
