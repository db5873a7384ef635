/** A linear model with a correlated Gaussian prior, of which everything is known; and runs of an ensemble on it. */

import { expect } from 'vitest';

import { openDevice } from '../../src/gpu/device.ts';
import { type EnsembleOptions, eki, eks } from '../../src/method/ensemble.ts';
import { purpose, RandomStream } from '../../src/mixture/random.ts';
import { type InversionTarget, readForward } from '../../src/objective/forward.ts';
import { ForwardRun } from '../../src/run/forward-run.ts';
import type { ParticleMethod } from '../../src/run/inversion-method.ts';
import { ParticleEngine } from '../../src/run/particle-engine.ts';
import { getDevice } from '../harness/device.ts';
import { cholesky, inverseLower } from '../reference/cholesky.ts';
import { add, apply, inverse, type Matrix, multiply, sum, transpose, type Vector } from '../reference/matrix.ts';

const slopes = [
  [1, 0.5, 0],
  [0, 1, -1],
  [1, 1, 1],
  [0.5, 0, 2],
];
const y = [1, -1, 2, 0.5];
const noise = [0.5, 1, 0.7, 0.4];
const mean = [0.5, -1, 2];
const covariance = [
  [1, 0.6, 0],
  [0.6, 2, -0.4],
  [0, -0.4, 0.8],
];

export const linearTarget: InversionTarget = {
  dim: 3,
  y,
  noise,
  prior: { mean, covariance },
  wgsl: `fn forward(theta: Point, y: ptr<function, Observation>) {
${slopes.map((row, i) => `  (*y)[${i}] = ${row.map((slope, j) => `${slope.toFixed(2)} * theta[${j}]`).join(' + ')};`).join('\n')}
}`,
};

/** Mean and covariance of its posterior. */
export function linearPosterior(): { mean: Vector; covariance: Matrix } {
  const scaled = slopes.map((row, i) => row.map((slope) => slope / noise[i]));
  const precision = inverse(covariance);
  const posterior = inverse(add(precision, multiply(transpose(scaled), scaled)));
  const pull = apply(
    transpose(scaled),
    y.map((datum, i) => datum / noise[i]),
  ).map((entry, i) => entry + apply(precision, mean)[i]);
  return { mean: apply(posterior, pull), covariance: posterior };
}

/** (theta - mean) whitened by the posterior's covariance: standard normal if theta is of the posterior. */
export function standardised(thetas: Matrix): Matrix {
  const posterior = linearPosterior();
  const whitener = inverseLower(cholesky(posterior.covariance).factor);
  return thetas.map((theta) =>
    apply(
      whitener,
      theta.map((entry, i) => entry - posterior.mean[i]),
    ),
  );
}

export interface EnsembleRun {
  engine: ParticleEngine;
  /** As at the start, in search coordinates. */
  first: Float64Array;
  /** Physical parameters of particles of a model without transforms. */
  physical(particles: ArrayLike<number>): Matrix;
}

/** Opens a model and an ensemble drawn from its prior, calls `use`, and closes them. */
export async function withEnsemble<T>(
  target: InversionTarget,
  rule: 'eki' | 'eks',
  options: EnsembleOptions,
  seed: number,
  use: (run: EnsembleRun) => Promise<T>,
  startSeed = seed,
): Promise<T> {
  const gpu = await openDevice({ device: await getDevice() });
  const model = readForward(target);
  const { dim, prior } = model;
  const method = { eki, eks }[rule](options).resolve({ dim }) as ParticleMethod;
  const forward = await ForwardRun.open(gpu, model, method.particles);
  const engine = await ParticleEngine.create(forward, method, seed);
  const random = new RandomStream(startSeed, purpose.initialise);
  const first = new Float64Array(method.particles * dim);
  for (let j = 0; j < method.particles; j++) {
    const z = Array.from({ length: dim }, () => random.normal());
    for (let a = 0; a < dim; a++) {
      first[j * dim + a] = Math.fround(
        prior.correlation ? sum(z.slice(0, a + 1).map((entry, b) => prior.correlation!.factor[a * dim + b]! * entry)) : z[a],
      );
    }
  }
  engine.start(first, { iterations: method.iterations });
  const physical = (particles: ArrayLike<number>): Matrix =>
    Array.from({ length: method.particles }, (_, j) =>
      Array.from({ length: dim }, (_, a) => prior.mean[a] + prior.deviation[a] * particles[j * dim + a]),
    );
  try {
    return await use({ engine, first, physical });
  } finally {
    engine.dispose();
    forward.dispose();
  }
}

/** Mean and its standard error. */
function meanOf(values: Vector): { mean: number; error: number } {
  const average = sum(values) / values.length;
  const variance = sum(values.map((value) => (value - average) ** 2)) / (values.length - 1);
  return { mean: average, error: Math.sqrt(variance / values.length) };
}

/** Of standardised particles: mean of every axis, and trace and off-diagonal mean of the second moments about 0. */
export function momentsOf(rows: Matrix): { means: Vector; variance: number; covariance: number } {
  const dim = rows[0].length;
  const moment = (a: number, b: number): number => sum(rows.map((row) => row[a] * row[b])) / rows.length;
  const axes = Array.from({ length: dim }, (_, a) => a);
  const pairs = axes.flatMap((a) => axes.filter((b) => b < a).map((b) => moment(a, b)));
  return {
    means: axes.map((a) => sum(rows.map((row) => row[a])) / rows.length),
    variance: sum(axes.map((a) => moment(a, a))) / dim,
    covariance: sum(pairs) / pairs.length,
  };
}

/** Means over runs within three standard errors, and `bias`, of those of a standard normal; the errors are below `accuracy`. */
export function expectStandard(runs: ReturnType<typeof momentsOf>[], bias: number, accuracy: number): void {
  const close = (what: string, values: Vector, want: number): void => {
    const { mean, error } = meanOf(values);
    expect(Math.abs(mean - want), `${what} is ${mean} +- ${error}`).toBeLessThan(3 * error + bias);
    expect(error, `standard error of ${what}`).toBeLessThan(accuracy);
  };
  for (let axis = 0; axis < runs[0].means.length; axis++) {
    close(
      `mean of axis ${axis}`,
      runs.map(({ means }) => means[axis]),
      0,
    );
  }
  close(
    'variance',
    runs.map(({ variance }) => variance),
    1,
  );
  close(
    'covariance',
    runs.map(({ covariance }) => covariance),
    0,
  );
}
