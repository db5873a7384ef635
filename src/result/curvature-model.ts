/**
 * Models of the curvature of `-f` that a climb learns step by step: BFGS with the whole matrix for few axes, L-BFGS for many
 * (Nocedal & Wright, Numerical Optimization, 2nd ed., ch. 6-7). They know steps and slopes only, never the objective.
 */
import { cholesky, dot, invertCholesky, largest, multiply, solveCholesky, solveUpper } from './linear.ts';

/** Up to here the whole curvature matrix is kept (BFGS); above, the last few steps (L-BFGS). */
export const DENSE_DIMENSION = 32;
const LIMITED_MEMORY = 32;

/** A model that starts from the shape of a covariance, given with its Cholesky factor, or else from the identity. */
export function curvatureModel(dim: number, shape: Float64Array | undefined, shapeFactor: Float64Array | undefined): Curvature {
  return dim <= DENSE_DIMENSION ? new DenseCurvature(dim, shapeFactor) : new LimitedCurvature(dim, shape);
}

/** A positive definite model of the curvature of `-f`, learned from steps `s` and the gradient's fall `y` along them. */
export interface Curvature {
  /** Whether its size, not only its shape, is known. */
  calibrated: boolean;
  /** Takes a measured curvature, made positive definite; `least`: what counts as curved at all. */
  setMatrix(matrix: Float64Array, least: number): void;
  /** The same with the curvature along the axes alone. */
  setDiagonal(diagonal: Float64Array, least: number): void;
  /** The ascent step to the model's top inside the box `[low, high]` around the point. */
  step(g: Float64Array, low: Float64Array, high: Float64Array): Float64Array;
  update(s: Float64Array, y: Float64Array): void;
  /** Curvature along a direction. */
  along(direction: Float64Array): number;
  /** Whether curvature along single axes is known, not only over all. */
  readonly measured: boolean;
  /** `v` stretched to equal curvature every way, where the whole matrix is known. */
  whiten(v: Float64Array): Float64Array | undefined;
}

/** BFGS with the whole matrix; the step is the model's top over the box by fixing the coordinates that hit a bound. */
class DenseCurvature implements Curvature {
  calibrated = false;
  readonly #dim: number;
  #matrix: Float64Array;

  constructor(dim: number, shapeFactor: Float64Array | undefined) {
    this.#dim = dim;
    if (shapeFactor) this.#matrix = invertCholesky(shapeFactor, dim);
    else {
      this.#matrix = new Float64Array(dim * dim);
      for (let i = 0; i < dim; i++) this.#matrix[i * dim + i] = 1;
    }
  }

  setMatrix(measured: Float64Array, least: number): void {
    const dim = this.#dim;
    const matrix = measured.map((value, at) => (value + measured[(at % dim) * dim + Math.floor(at / dim)]) / 2);
    const top = Math.max(largest(matrix), least, 1e-300);
    for (let shift = 0; ; shift = Math.max(1e-3 * top, 2 * shift)) {
      const shifted = matrix.map((value, at) => (at % (dim + 1) === 0 ? value + shift : value));
      if (!shifted.every(Number.isFinite)) return;
      if (cholesky(shifted, dim) || shift > 1e3 * top) {
        this.#matrix = shifted;
        break;
      }
    }
    this.calibrated = true;
  }

  setDiagonal(diagonal: Float64Array, least: number): void {
    const dim = this.#dim;
    const matrix = this.#matrix;
    const top = Math.max(largest(diagonal), least, 1e-300);
    const factor = diagonal.map((c, i) => Math.sqrt(Math.max(Math.abs(c), 1e-6 * top) / matrix[i * dim + i]));
    this.#matrix = matrix.map((value, at) => value * factor[Math.floor(at / dim)] * factor[at % dim]);
    this.calibrated = true;
  }

  step(g: Float64Array, low: Float64Array, high: Float64Array): Float64Array {
    const dim = this.#dim;
    const matrix = this.#matrix;
    const step = new Float64Array(dim);
    let free = [...g.keys()].filter((i) => !(g[i] >= 0 && high[i] <= 0) && !(g[i] <= 0 && low[i] >= 0));
    while (free.length > 0) {
      const count = free.length;
      const block = new Float64Array(count * count);
      const right = new Float64Array(count);
      free.forEach((i, r) => {
        right[r] = g[i];
        for (let j = 0; j < dim; j++) right[r] -= matrix[i * dim + j] * step[j];
        free.forEach((j, c) => {
          block[r * count + c] = matrix[i * dim + j];
        });
      });
      const factor = cholesky(block, count);
      if (!factor) return this.#gradientStep(g, low, high);
      const solution = solveCholesky(factor, right);
      const inside = free.filter((i, r) => solution[r] > low[i] && solution[r] < high[i]);
      free.forEach((i, r) => {
        const hit = solution[r] <= low[i] || solution[r] >= high[i];
        if (hit || inside.length === count) step[i] = Math.min(Math.max(solution[r], low[i]), high[i]);
      });
      if (inside.length === count) break;
      free = inside;
    }
    return dot(g, step) > 0 ? step : this.#gradientStep(g, low, high);
  }

  #gradientStep(g: Float64Array, low: Float64Array, high: Float64Array): Float64Array {
    return g.map((slope, i) => Math.min(Math.max(slope / this.#matrix[i * (this.#dim + 1)], low[i]), high[i]));
  }

  update(s: Float64Array, y: Float64Array): void {
    const dim = this.#dim;
    const matrix = this.#matrix;
    const bent = dot(s, y);
    const image = multiply(matrix, s);
    const old = dot(s, image);
    if (!(old > 0) || !Number.isFinite(bent)) return;
    if (!this.calibrated && bent > 0) {
      const factor = bent / old;
      for (let at = 0; at < matrix.length; at++) matrix[at] *= factor;
      this.calibrated = true;
      this.update(s, y);
      return;
    }
    if (bent <= 1e-10 * Math.sqrt(dot(s, s) * dot(y, y))) {
      // It bends upwards along the step: nothing to learn but to step farther.
      for (let at = 0; at < matrix.length; at++) matrix[at] *= 0.5;
      return;
    }
    const next = matrix.slice();
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) next[i * dim + j] += (y[i] * y[j]) / bent - (image[i] * image[j]) / old;
    }
    if (cholesky(next, dim)) this.#matrix = next;
  }

  get measured(): boolean {
    return this.calibrated;
  }

  whiten(v: Float64Array): Float64Array | undefined {
    const factor = this.calibrated ? cholesky(this.#matrix, this.#dim) : undefined;
    return factor && solveUpper(factor, v);
  }

  along(direction: Float64Array): number {
    return dot(direction, multiply(this.#matrix, direction));
  }
}

/** L-BFGS (two-loop recursion) on the coordinates that are free to move; starts from the component's shape or a diagonal. */
class LimitedCurvature implements Curvature {
  calibrated = false;
  readonly #dim: number;
  readonly #shape: Float64Array | undefined;
  #bend: Float64Array;
  #gamma = 1;
  #pairs: { s: Float64Array; y: Float64Array }[] = [];

  constructor(dim: number, shape: Float64Array | undefined) {
    this.#dim = dim;
    this.#shape = shape;
    this.#bend = new Float64Array(dim).fill(1);
  }

  setMatrix(matrix: Float64Array, least: number): void {
    this.setDiagonal(
      Float64Array.from({ length: this.#dim }, (_, i) => matrix[i * (this.#dim + 1)]),
      least,
    );
  }

  setDiagonal(diagonal: Float64Array, least: number): void {
    const top = Math.max(largest(diagonal), least, 1e-300);
    this.#bend = diagonal.map((c) => Math.max(Math.abs(c), 1e-6 * top));
    this.#gamma = 1;
    this.#pairs = [];
    this.calibrated = true;
  }

  /** The starting inverse: the shape with its diagonal fitted to the measured curvature where there is one. */
  #start(v: Float64Array): Float64Array {
    const [shape, bend, gamma] = [this.#shape, this.#bend, this.#gamma];
    if (!shape) return v.map((value, i) => (gamma * value) / bend[i]);
    const weight = bend.map((c, i) => Math.sqrt(1 / (c * shape[i * (this.#dim + 1)])));
    return multiply(
      shape,
      v.map((value, i) => value * weight[i]),
    ).map((value, i) => gamma * value * weight[i]);
  }

  step(g: Float64Array, low: Float64Array, high: Float64Array): Float64Array {
    const free = g.map((slope, i) => ((slope >= 0 && high[i] <= 0) || (slope <= 0 && low[i] >= 0) ? 0 : 1));
    const onFree = (v: Float64Array) => v.map((value, i) => value * free[i]);
    const pairs = this.#pairs
      .map(({ s, y }) => ({ s: onFree(s), y: onFree(y) }))
      .filter(({ s, y }) => dot(s, y) > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y)));
    const q = onFree(g);
    const alphas = pairs.map(() => 0);
    for (let k = pairs.length - 1; k >= 0; k--) {
      const { s, y } = pairs[k];
      alphas[k] = dot(s, q) / dot(s, y);
      for (let i = 0; i < q.length; i++) q[i] -= alphas[k] * y[i];
    }
    const r = onFree(this.#start(q));
    pairs.forEach(({ s, y }, k) => {
      const beta = dot(y, r) / dot(s, y);
      for (let i = 0; i < r.length; i++) r[i] += (alphas[k] - beta) * s[i];
    });
    const step = r.map((value, i) => Math.min(Math.max(value, low[i]), high[i]));
    if (dot(g, step) > 0) return step;
    return onFree(g).map((slope, i) => Math.min(Math.max((this.#gamma * slope) / this.#bend[i], low[i]), high[i]));
  }

  update(s: Float64Array, y: Float64Array): void {
    const bent = dot(s, y);
    if (!Number.isFinite(bent)) return;
    if (bent <= 1e-10 * Math.sqrt(dot(s, s) * dot(y, y))) {
      this.#gamma *= 2;
      this.#pairs = [];
      return;
    }
    this.#gamma = 1;
    this.#gamma = bent / dot(y, this.#start(y));
    this.calibrated = true;
    this.#pairs.push({ s, y });
    if (this.#pairs.length > LIMITED_MEMORY) this.#pairs.shift();
  }

  get measured(): boolean {
    return false;
  }

  whiten(): undefined {}

  along(direction: Float64Array): number {
    return direction.reduce((sum, v, i) => sum + (v * v * this.#bend[i]) / this.#gamma, 0);
  }
}
