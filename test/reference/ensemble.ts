/** Steps of an ensemble of particles, as the kernels make them, and by their definitions in parameter and observation space. */
import { add, apply, dot, identity, inverse, type Matrix, multiply, scale, sum, transpose, type Vector } from './matrix.ts';
import { normalPair } from './normals.ts';
import { randomWords, SHARED, type Words2, type Words4 } from './philox.ts';

/** Particles that draw their noise, and those that are drawn anew. */
export const particlePurpose = { draw: 0, restart: 4 } as const;

/** Rows are members; a failed one has no misfit. */
export interface Ensemble {
  particles: Matrix;
  residuals: Matrix;
  misfits: (number | undefined)[];
}

export interface Deviations {
  count: number;
  mean: Vector;
  /** Of each axis, with 1/J. */
  deviation: Vector;
  /** u - mean and G - mean G (whitened), zero for failed members. */
  particles: Matrix;
  responses: Matrix;
}

const centred = (rows: Matrix, used: boolean[]): { mean: Vector; rows: Matrix } => {
  const count = Math.max(used.filter(Boolean).length, 1);
  const mean = rows[0].map((_, i) => sum(rows.map((row, j) => (used[j] ? row[i] : 0))) / count);
  return { mean, rows: rows.map((row, j) => row.map((entry, i) => (used[j] ? entry - mean[i] : 0))) };
};

export function deviations({ particles, residuals, misfits }: Ensemble): Deviations {
  const used = misfits.map((misfit) => misfit !== undefined);
  const count = used.filter(Boolean).length;
  const own = centred(particles, used);
  return {
    count,
    mean: own.mean,
    deviation: own.mean.map((_, i) => Math.sqrt(sum(own.rows.map((row) => row[i] ** 2)) / Math.max(count, 1))),
    particles: own.rows,
    responses: centred(
      residuals.map((row) => row.map((entry) => -entry)),
      used,
    ).rows,
  };
}

/** Words and normals of a particle's block of four. */
export function particleNormals(
  purpose: number,
  particle: number,
  block: number,
  component: number,
  round: number,
  seed: Words2,
): { words: Words4; normals: Vector } {
  const words = randomWords(block, purpose, particle, component, round, seed);
  return { words, normals: [...normalPair(words[0], words[1]), ...normalPair(words[2], words[3])] };
}

/** `count` normals of a particle (SHARED: the words of a noise in ensemble space), with the word that made each pair. */
export function particleNoise(
  purpose: number,
  particle: number,
  count: number,
  round: number,
  seed: Words2,
): { xi: Vector; words: Vector } {
  const blocks = Array.from({ length: Math.ceil(count / 4) }, (_, block) => particleNormals(purpose, particle, block, SHARED, round, seed));
  return {
    xi: blocks.flatMap(({ normals }) => normals).slice(0, count),
    words: blocks.flatMap(({ words }) => [words[0], words[0], words[2], words[2]]).slice(0, count),
  };
}

/** Mean, and standard deviation with 1/(J - 1), of the misfits that are there. */
export function misfitStatistics(misfits: (number | undefined)[]): { count: number; mean: number; spread: number; lowest: number } {
  const there = misfits.filter((misfit) => misfit !== undefined);
  const mean = sum(there) / Math.max(there.length, 1);
  const squares = sum(there.map((misfit) => (misfit - mean) ** 2));
  return { count: there.length, mean, spread: Math.sqrt(squares / Math.max(there.length - 1, 1)), lowest: Math.min(...there, 3e38) };
}

/** The data misfit controller (Iglesias and Yang 2021). */
export function misfitStep(misfits: (number | undefined)[], observations: number, time: number): number {
  const { mean, spread } = misfitStatistics(misfits);
  const bySpread = spread > 0 ? Math.sqrt(observations / 2) / spread : 0;
  return Math.min(Math.max(observations / 2 / Math.max(mean, 1e-30), bySpread), 1 - time);
}

/** 1 / |D| and at most 1, with `products` = J D^T, whose columns of failed particles do not count. */
export function driftStep(products: Matrix, misfits: (number | undefined)[]): number {
  const { count } = misfitStatistics(misfits);
  const norm = Math.sqrt(sum(products.flatMap((row) => row.map((entry, j) => (misfits[j] === undefined ? 0 : entry * entry)))));
  return 1 / Math.max(norm / Math.max(count, 1), 1);
}

export const ridgeOf = (rule: 'inversion' | 'sampler', count: number, step: number): number =>
  ((rule === 'sampler' ? 2 : 1) * count) / step;

/** A new ensemble by weights in the space of the ensemble: column j of (Y Y^T + ridge)^-1 rightSide moves particle j along the deviations. */
export function moveByWeights(ensemble: Ensemble, responses: Matrix, ridge: number, rightSide: Matrix): Matrix {
  const { particles } = deviations(ensemble);
  const gram = multiply(responses, transpose(responses));
  const weights = multiply(inverse(add(gram, scale(ridge, identity(gram.length)))), rightSide);
  const moves = multiply(transpose(weights), particles);
  return add(ensemble.particles, moves);
}

/** Ensemble Kalman inversion with perturbed observations: u += C_uG (C_GG + I/h)^-1 innovation. */
export function inversionStep(ensemble: Ensemble, innovations: Matrix, h: number): Matrix {
  const { count, particles, responses } = deviations(ensemble);
  const cross = scale(1 / count, multiply(transpose(particles), responses));
  const own = scale(1 / count, multiply(transpose(responses), responses));
  const gain = multiply(cross, inverse(add(own, scale(1 / h, identity(own.length)))));
  return ensemble.particles.map((u, j) => u.map((entry, i) => entry + dot(gain[i], innovations[j])));
}

/**
 * The trapezoidal step of affine-invariant Langevin dynamics in parameter space: with B the least-squares slope of G on u and
 * H = B^T B + P^-1, u += (I + h C H / 2)^-1 [h C_uG r - h C P^-1 u + h (d + 1)/J (u - mean) + sqrt(2h) C^(1/2) xi].
 */
export function samplerStep(ensemble: Ensemble, precision: Matrix, h: number, xi: Matrix): Matrix {
  const { count, particles, responses } = deviations(ensemble);
  const d = precision.length;
  const covariance = scale(1 / count, multiply(transpose(particles), particles));
  const cross = scale(1 / count, multiply(transpose(particles), responses));
  // C B^T = C_uG, so C H C = C_uG C_Gu + C P^-1 C where G is linear.
  const curved = add(multiply(multiply(cross, transpose(cross)), inverse(covariance)), multiply(covariance, precision));
  const implicit = inverse(add(identity(d), scale(h / 2, curved)));
  return ensemble.particles.map((u, j) => {
    const data = apply(cross, ensemble.residuals[j]);
    const prior = apply(covariance, apply(precision, u));
    const noise = apply(transpose(particles), xi[j]);
    const drift = u.map((_, i) => h * (data[i] - prior[i] + ((d + 1) / count) * particles[j][i]) + Math.sqrt((2 * h) / count) * noise[i]);
    return u.map((entry, i) => entry + dot(implicit[i], drift));
  });
}
