/**
 * Where one candidate's search stands: its scaled coordinates, the point and what is known about the objective there, and the one way
 * to ask for values. The phases of the search (climb.ts, sharpen.ts, verify.ts) read and move it; it decides nothing.
 */
import type { Evaluator } from '../objective/evaluator.ts';
import { type Curvature, curvatureModel } from './curvature-model.ts';
import { cholesky } from './linear.ts';
import type { Asking } from './lockstep.ts';

export interface Candidate {
  /** Start, in user coordinates. */
  readonly x: Float64Array;
  /** A typical standard deviation per axis. */
  readonly scale: Float64Array;
  /** The component's covariance, row by row; its shape stands for the inverse curvature. */
  readonly covariance?: Float64Array;
}

export interface Bounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Standard deviations from the start: farther is no polishing. */
export const MAX_DISTANCE = 1e6;

const PRECISION = {
  /** `step`: first difference step; `tolerance`: settled when the next step is shorter; `probe`: least verification radius. */
  f64: { relativeNoise: 2 ** -51, spacing: 2 ** -52, step: 3e-4, tolerance: 1e-9, probe: 1e-3 },
  f32: { relativeNoise: 2 ** -22, spacing: 2 ** -23, step: 3e-2, tolerance: 1e-6, probe: 1e-2 },
};

/** Works in `z = (x - start) / scale`; `g` is the gradient there, curvature is that of `-f`. */
export class PolishState {
  value = -Infinity;
  readonly dim: number;
  readonly precision: (typeof PRECISION)['f64'];
  readonly #relativeNoise: number;
  readonly analytic: boolean;
  readonly #single: boolean;
  readonly origin: Float64Array;
  readonly scale: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The covariance in scaled coordinates and its Cholesky factor. */
  readonly shape: Float64Array | undefined;
  readonly shapeFactor: Float64Array | undefined;
  readonly #bounds: Bounds | undefined;

  /** The point, where `value` is the objective. */
  z: Float64Array;
  g: Float64Array;
  /** Measured curvature along each axis and the step it was measured with. */
  readonly curvature: Float64Array;
  readonly h: Float64Array;
  model: Curvature;
  /** How much the objective changes over a standard deviation: bounds its rounding error from below. */
  spread = 0;
  /** How much noisier than foretold the values have proved. */
  noiseFactor = 1;
  /** How far the next phase looks or steps at first. */
  radius = 0.5;
  evaluations = 0;
  rounds = 0;

  constructor(evaluator: Evaluator, candidate: Candidate, bounds: Bounds | undefined, relativeNoise: number | undefined) {
    const dim = evaluator.dim;
    this.dim = dim;
    this.#single = evaluator.precision === 'f32';
    this.precision = PRECISION[evaluator.precision];
    this.#relativeNoise = relativeNoise ?? this.precision.relativeNoise;
    this.analytic = evaluator.hasGradient && evaluator.evaluateWithGradient !== undefined;
    this.#bounds = bounds;
    this.origin = candidate.x.map((x, i) => (bounds ? Math.min(Math.max(x, bounds.lower[i]), bounds.upper[i]) : x));
    this.scale = candidate.scale.map((s, i) => {
      const width = bounds ? bounds.upper[i] - bounds.lower[i] : Infinity;
      const usable =
        Number.isFinite(s) && s > 0 ? s : Number.isFinite(width) && width > 0 ? width / 10 : Math.max(1e-2, Math.abs(this.origin[i]) / 100);
      return Math.max(Math.min(usable, width > 0 ? width : Infinity), 64 * this.precision.spacing * Math.abs(this.origin[i]), 1e-300);
    });
    this.lower = this.origin.map((x, i) => (bounds ? (bounds.lower[i] - x) / this.scale[i] : -Infinity));
    this.upper = this.origin.map((x, i) => (bounds ? (bounds.upper[i] - x) / this.scale[i] : Infinity));
    if (candidate.covariance && dim > 1) {
      const shape = candidate.covariance.map((c, at) => c / (this.scale[Math.floor(at / dim)] * this.scale[at % dim]));
      this.shapeFactor = cholesky(shape, dim);
      this.shape = this.shapeFactor && shape;
    }
    this.z = new Float64Array(dim);
    this.g = new Float64Array(dim);
    this.curvature = new Float64Array(dim).fill(1);
    this.h = new Float64Array(dim).fill(this.precision.step);
    this.model = curvatureModel(dim, this.shape, this.shapeFactor);
  }

  /** The rounding error of a value here. */
  get noise(): number {
    return Math.max(this.noiseFactor * this.#relativeNoise * Math.max(Math.abs(this.value), this.spread), 1e-300);
  }

  /** The nearest user point the evaluator can represent inside the box. */
  place(z: Float64Array): Float64Array {
    const x = new Float64Array(this.dim);
    for (let i = 0; i < this.dim; i++) {
      let value = this.origin[i] + this.scale[i] * z[i];
      if (this.#single) value = Math.fround(value);
      if (this.#bounds) {
        // Decided in z, where the bound is exact, so that a step to the bound lands on it.
        if (z[i] <= this.lower[i] || value < this.#bounds.lower[i]) value = this.#bounds.lower[i];
        else if (z[i] >= this.upper[i] || value > this.#bounds.upper[i]) value = this.#bounds.upper[i];
      }
      x[i] = value;
    }
    return x;
  }

  /** Evaluates at `points`, which are moved to where they were really evaluated. Gradients come in scaled coordinates. */
  *evaluate(points: Float64Array[], gradient = false): Asking<{ values: Float64Array; gradients: Float64Array[] }> {
    const { dim, scale, origin } = this;
    const rows = new Float64Array(points.length * dim);
    points.forEach((z, row) => {
      const x = this.place(z);
      rows.set(x, row * dim);
      for (let i = 0; i < dim; i++) z[i] = (x[i] - origin[i]) / scale[i];
    });
    const { values, gradients } = yield { points: rows, gradient };
    this.evaluations += points.length;
    this.rounds++;
    return {
      values,
      gradients: gradients ? points.map((_, row) => gradients.slice(row * dim, (row + 1) * dim).map((slope, i) => slope * scale[i])) : [],
    };
  }

  /** The point moved by an offset per axis, as far as the box allows. */
  shifted(offset: (i: number) => number): Float64Array {
    return this.z.map((z, i) => Math.min(Math.max(z + offset(i), this.lower[i]), this.upper[i]));
  }

  /** An offset of length `h` along axis `i` that stays in the box: upwards where there is room. */
  inward(i: number, h: number): number {
    const up = this.upper[i] - this.z[i];
    const down = this.z[i] - this.lower[i];
    return up >= h || up >= down ? Math.min(h, up) : -Math.min(h, down);
  }
}
