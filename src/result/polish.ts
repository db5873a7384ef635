/**
 * Polish: carries candidates (component means) to the exact local optimum beside them, and proves that it is one.
 *
 * Each candidate is a small search written as a generator that asks for values at points; {@link inLockstep} answers the
 * questions of all of them with one evaluator call per round, because a call may cost a trip to the GPU. A search goes
 *
 *   climb    projected quasi-Newton ascent in coordinates scaled by the component's standard deviations (Nocedal & Wright,
 *            Numerical Optimization, 2nd ed., ch. 6-8, 16.7); gradients analytic or by differences sized to the value noise
 *   sharpen  where slopes jump: along one axis a compass search (Kolda, Lewis & Torczon, SIAM Review 45, 2003) with the
 *            crossing of the two slopes as a shortcut; along more a bundle of gradients
 *   verify   probes along axes and obliquely; a higher one restarts the climb there, so that no saddle and no slope is
 *            ever returned as a mode
 *
 * Non-goals: it does not look for other modes, and it does not decide whether two results are the same one (see archive.ts).
 */
import type { Evaluator } from '../objective/evaluator.ts';
import { cholesky, dot, invertCholesky, multiply, solveCholesky, solveUpper } from './linear.ts';

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

export interface PolishOptions {
  /** Evaluator calls in lockstep; default 600. */
  readonly maxRounds?: number;
  /** Over all candidates; a round that would pass it drops the lowest candidates until it fits. */
  readonly maxEvaluations?: number;
  readonly signal?: AbortSignal;
  /** Noise of the values relative to their size; default 2^-51 (f64) or 2^-22 (f32). */
  readonly relativeNoise?: number;
}

/**
 * Why a search ended. `mode`: every probe around the point is lower. `plateau`: no probe is lower. `flat`: some direction stays
 * level as far as it was probed. `unsettled`: higher probes again and again, or too many steps. The last four: stopped before the proof.
 */
export type PolishReason = 'mode' | 'plateau' | 'flat' | 'unsettled' | 'not finite' | 'round limit' | 'evaluation limit' | 'aborted';

export interface PolishedPoint {
  readonly x: Float64Array;
  readonly value: number;
  /** A strict local optimum over the closed box, as far as the probes tell. */
  readonly isMode: boolean;
  readonly reason: PolishReason;
  readonly evaluations: number;
  readonly rounds: number;
  /** The candidate's standard deviations. */
  readonly scale: Float64Array;
}

export async function polish(
  evaluator: Evaluator,
  candidates: readonly Candidate[],
  bounds: Bounds | undefined,
  options: PolishOptions = {},
): Promise<PolishedPoint[]> {
  const searches = candidates.map((candidate) => new Search(evaluator, candidate, bounds, options.relativeNoise));
  const stops = await inLockstep(evaluator, searches, { maxRounds: 600, ...options });
  return searches.map((search, i) => search.result(stops[i]));
}

// ---------------------------------------------------------------------------------------------------------------- lockstep

/** What a search asks for: points in user coordinates, row by row, with or without gradients. */
export interface Question {
  readonly points: Float64Array;
  readonly gradient: boolean;
}

export interface Answer {
  readonly values: Float64Array;
  readonly gradients?: Float64Array;
}

/** A search that pauses for answers. */
export type Asking<T> = Generator<Question, T, Answer>;

/** Something that asks until it is done; `value` ranks it when evaluations run short. */
export interface Asker {
  readonly value: number;
  ask(): Asking<void>;
}

export type Stop = 'done' | 'round limit' | 'evaluation limit' | 'aborted';

/** Runs searches side by side, one evaluator call (at most one of each kind) per round. Says how each ended. */
export async function inLockstep(
  evaluator: Evaluator,
  askers: readonly Asker[],
  limits: { readonly maxRounds?: number; readonly maxEvaluations?: number; readonly signal?: AbortSignal },
): Promise<Stop[]> {
  const { maxRounds = Infinity, maxEvaluations = Infinity, signal } = limits;
  const stops: Stop[] = askers.map(() => 'done');
  let open = askers.map((asker, index) => {
    const asking = asker.ask();
    return { index, asker, asking, turn: asking.next() };
  });
  let left = maxEvaluations;
  for (let round = 0; ; round++) {
    open = open.filter(({ turn }) => !turn.done);
    if (open.length === 0) return stops;
    const stop = signal?.aborted ? 'aborted' : round >= maxRounds ? 'round limit' : undefined;
    if (stop) {
      for (const { index } of open) stops[index] = stop;
      return stops;
    }
    const questions = new Map(open.map(({ index, turn }) => [index, turn.value as Question]));
    const cost = (index: number) => questions.get(index)!.points.length / evaluator.dim;
    let wanted = open.reduce((sum, { index }) => sum + cost(index), 0);
    if (wanted > left) {
      for (const { index } of [...open].sort((a, b) => a.asker.value - b.asker.value || b.index - a.index)) {
        if (wanted <= left) break;
        wanted -= cost(index);
        stops[index] = 'evaluation limit';
      }
      open = open.filter(({ index }) => stops[index] === 'done');
      if (open.length === 0) return stops;
    }
    left -= wanted;
    const answers = new Map<number, Answer>();
    for (const gradient of [false, true]) {
      const group = open.map(({ index }) => index).filter((index) => questions.get(index)!.gradient === gradient);
      if (group.length > 0) await answer(evaluator, group, questions, gradient, answers);
    }
    for (const each of open) each.turn = each.asking.next(answers.get(each.index)!);
  }
}

async function answer(
  evaluator: Evaluator,
  group: number[],
  questions: Map<number, Question>,
  gradient: boolean,
  into: Map<number, Answer>,
) {
  const parts = group.map((index) => questions.get(index)!.points);
  const points = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    points.set(part, at);
    at += part.length;
  }
  const reply: Answer = gradient ? await evaluator.evaluateWithGradient!(points) : { values: await evaluator.evaluate(points) };
  at = 0;
  group.forEach((index, i) => {
    const end = at + parts[i].length;
    const gradients = reply.gradients?.slice(at, end);
    const values = reply.values.slice(at / evaluator.dim, end / evaluator.dim).map((value, row) => {
      const slopes = gradients?.subarray(row * evaluator.dim, (row + 1) * evaluator.dim);
      return Number.isFinite(value) && (slopes?.every(Number.isFinite) ?? true) ? value : -Infinity;
    });
    into.set(index, { values, gradients });
    at = end;
  });
}

// ------------------------------------------------------------------------------------------------------------------ search

/** Up to here the whole curvature matrix is kept (BFGS); above, the last few steps (L-BFGS). */
const DENSE_DIMENSION = 32;
/** Up to here a difference stencil measures the mixed second derivatives too: fewer evaluations in all than learning them. */
const NEWTON_DIMENSION = 3;
/** Up to here (or without a covariance) differences of analytic gradients measure the first curvature. */
const SURVEY_DIMENSION = 4;
const LIMITED_MEMORY = 32;
const MAX_STEPS = 400;
/** Steps in a row that overshoot before the objective is taken for kinked. */
const MAX_REVERSALS = 5;
/** Standard deviations from the start: farther is no polishing. */
const MAX_DISTANCE = 1e6;
const MAX_POLLS = 200;
const MAX_RESTARTS = 8;

const PRECISION = {
  /** `step`: first difference step; `tolerance`: settled when the next step is shorter; `probe`: first verification radius. */
  f64: { relativeNoise: 2 ** -51, spacing: 2 ** -52, step: 3e-4, tolerance: 1e-9, probe: 1e-3 },
  f32: { relativeNoise: 2 ** -22, spacing: 2 ** -23, step: 3e-2, tolerance: 1e-6, probe: 1e-2 },
};

/** One candidate's search. Works in `z = (x - start) / scale`; `g` is the gradient there, curvature is that of `-f`. */
class Search implements Asker {
  value = -Infinity;
  private readonly dim: number;
  private readonly precision: (typeof PRECISION)['f64'];
  private readonly relativeNoise: number;
  private readonly analytic: boolean;
  private readonly single: boolean;
  private readonly origin: Float64Array;
  private readonly scale: Float64Array;
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  /** The covariance in scaled coordinates and its Cholesky factor. */
  private readonly shape: Float64Array | undefined;
  private readonly shapeFactor: Float64Array | undefined;
  private readonly bounds: Bounds | undefined;

  private z: Float64Array;
  private g: Float64Array;
  /** Measured curvature along each axis and the step it was measured with. */
  private readonly curvature: Float64Array;
  private readonly h: Float64Array;
  private model: Curvature;
  /** How much the objective changes over a standard deviation: bounds its rounding error from below. */
  private spread = 0;
  private noiseFactor = 1;
  private radius = 0.5;
  private reason: PolishReason = 'unsettled';
  private evaluations = 0;
  private rounds = 0;

  constructor(evaluator: Evaluator, candidate: Candidate, bounds: Bounds | undefined, relativeNoise: number | undefined) {
    const dim = evaluator.dim;
    this.dim = dim;
    this.single = evaluator.precision === 'f32';
    this.precision = PRECISION[evaluator.precision];
    this.relativeNoise = relativeNoise ?? this.precision.relativeNoise;
    this.analytic = evaluator.hasGradient && evaluator.evaluateWithGradient !== undefined;
    this.bounds = bounds;
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
    this.model = dim <= DENSE_DIMENSION ? new DenseCurvature(dim, this.shapeFactor) : new LimitedCurvature(dim, this.shape);
  }

  result(stop: Stop): PolishedPoint {
    const reason = stop === 'done' ? this.reason : stop;
    return {
      x: this.place(this.z),
      value: this.value,
      isMode: reason === 'mode',
      reason,
      evaluations: this.evaluations,
      rounds: this.rounds,
      scale: this.scale,
    };
  }

  *ask(): Asking<void> {
    for (let restart = 0; restart <= MAX_RESTARTS; restart++) {
      const climbed = yield* this.climb(restart > 0);
      if (climbed === 'not finite' || climbed === 'unsettled') {
        this.reason = climbed;
        return;
      }
      if (climbed === 'rough') yield* this.sharpen();
      let verdict = yield* this.verify(climbed === 'rough');
      if (verdict === 'rough') {
        yield* this.sharpen();
        verdict = yield* this.verify(true);
      }
      if (verdict === 'mode' || verdict === 'plateau' || verdict === 'flat') {
        this.reason = verdict;
        return;
      }
      // A higher point beside a settled one, again: more noise than was thought, perhaps.
      if (restart > 1) this.noiseFactor = Math.min(4 * this.noiseFactor, 64);
    }
    this.reason = 'unsettled';
  }

  private get noise(): number {
    return Math.max(this.noiseFactor * this.relativeNoise * Math.max(Math.abs(this.value), this.spread), 1e-300);
  }

  /** The nearest user point the evaluator can represent inside the box. */
  private place(z: Float64Array): Float64Array {
    const x = new Float64Array(this.dim);
    for (let i = 0; i < this.dim; i++) {
      let value = this.origin[i] + this.scale[i] * z[i];
      if (this.single) value = Math.fround(value);
      if (this.bounds) {
        // Decided in z, where the bound is exact, so that a step to the bound lands on it.
        if (z[i] <= this.lower[i] || value < this.bounds.lower[i]) value = this.bounds.lower[i];
        else if (z[i] >= this.upper[i] || value > this.bounds.upper[i]) value = this.bounds.upper[i];
      }
      x[i] = value;
    }
    return x;
  }

  /** Evaluates at `points`, which are moved to where they were really evaluated. Gradients come in scaled coordinates. */
  private *evaluate(points: Float64Array[], gradient = false): Asking<{ values: Float64Array; gradients: Float64Array[] }> {
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

  private shifted(offset: (i: number) => number): Float64Array {
    return this.z.map((z, i) => Math.min(Math.max(z + offset(i), this.lower[i]), this.upper[i]));
  }

  // ---- climb

  private *climb(known: boolean): Asking<'settled' | 'rough' | 'not finite' | 'unsettled'> {
    yield* this.survey(known);
    if (this.value === -Infinity) return 'not finite';
    // With many axes, gradients by one-sided differences do until the last steps.
    let forward = !this.analytic && this.dim > NEWTON_DIMENSION;
    let reversals = 0;
    let noisy = 0;
    let previous = Infinity;
    let radius = Math.min(this.radius, this.model.calibrated ? Infinity : 0.1);
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const low = this.lower.map((bound, i) => bound - this.z[i]);
      const high = this.upper.map((bound, i) => bound - this.z[i]);
      const step = this.model.step(this.g, low, high);
      let length = largest(step);
      const limited = length > radius || (!this.model.calibrated && length > 0);
      if (limited) {
        for (let i = 0; i < this.dim; i++) step[i] = Math.min(Math.max((step[i] * radius) / length, low[i]), high[i]);
        length = largest(step);
      }
      const slope = dot(this.g, step);
      if (forward && (length < 1e-3 || !(slope > 0))) {
        forward = false;
        yield* this.measure(false);
        continue;
      }
      if (!(slope > 0) || this.negligible(step)) return 'settled';
      const trial = this.shifted((i) => step[i]);
      const { values, gradients } = yield* this.evaluate([trial], this.analytic);
      const moved = trial.map((z, i) => z - this.z[i]);
      const gain = values[0] - this.value;
      const noise = this.noise;
      const accepted = gain >= 1e-4 * slope || (slope < 20 * noise && gain >= -2 * noise);
      if (!accepted) {
        if (gain > -Infinity && this.analytic) this.model.update(moved, difference(this.g, gradients[0]));
        if (slope < noise) return 'settled';
        const vertex = gain === -Infinity ? 0.25 : slope / (2 * (slope - gain));
        radius = length * Math.min(Math.max(vertex, 0.1), 0.5);
        if (++reversals >= MAX_REVERSALS || radius < this.precision.tolerance) {
          this.radius = Math.max(radius, 1e-4);
          return 'rough';
        }
        continue;
      }
      const g = this.g;
      this.z = trial;
      this.value = values[0];
      if (limited && gain > 0.4 * slope) radius *= gain > 0.75 * slope ? 4 : 2;
      else if (!limited) radius = Math.max(radius, 2 * length);
      if (slope < 20 * noise && ++noisy >= (this.analytic ? 8 : 3)) return 'settled';
      if (this.analytic) {
        this.g = gradients[0];
        this.model.update(moved, difference(g, this.g));
      } else {
        // Steps shrink at least linearly: the error that is left is known without looking once more.
        if (!limited && !forward && length * (previous < Infinity ? Math.min(length / previous, 1) : 1) < this.precision.tolerance)
          return 'settled';
        yield* this.measure(forward);
        if (this.dim > NEWTON_DIMENSION) this.model.update(moved, difference(g, this.g));
      }
      previous = limited ? Infinity : length;
      if (largest(this.z) > MAX_DISTANCE) return 'unsettled';
      // A slope that turns against the step again and again is a kink.
      if (dot(this.g, moved) < -0.3 * slope) {
        if (++reversals >= MAX_REVERSALS) {
          this.radius = Math.max(length, 1e-4);
          return 'rough';
        }
      } else reversals = 0;
    }
    return 'settled';
  }

  /** Shorter than the target or the coordinates' spacing, or a gradient that is nothing but its own error. */
  private negligible(step: Float64Array): boolean {
    const { precision, noise } = this;
    const short = step.every((p, i) => {
      const spacing = (precision.spacing * Math.abs(this.origin[i] + this.scale[i] * this.z[i])) / this.scale[i];
      return Math.abs(p) <= Math.max(precision.tolerance, 0.5 * spacing);
    });
    return short || (!this.analytic && step.every((p, i) => p === 0 || Math.abs(this.g[i]) <= noise / this.h[i]));
  }

  /** First look around: gradient and curvature. */
  private *survey(known: boolean): Asking<void> {
    const { dim } = this;
    if (!this.analytic) {
      yield* this.measure(false, !known);
      if (dim > NEWTON_DIMENSION) this.model.setDiagonal(this.curvature, this.leastCurvature);
      return;
    }
    const survey = dim <= SURVEY_DIMENSION || (!this.shape && dim <= DENSE_DIMENSION);
    const points: Float64Array[] = [Float64Array.from(this.z)];
    if (survey) for (let j = 0; j < dim; j++) points.push(this.shifted((i) => (i === j ? this.inward(j, this.h[j]) : 0)));
    const { values, gradients } = yield* this.evaluate(points, true);
    // A probe led here that has a value but, it turns out, no gradient: nothing to climb by.
    if (known && values[0] === -Infinity) {
      this.g = new Float64Array(dim);
      return;
    }
    this.z = points[0];
    this.value = values[0];
    if (this.value === -Infinity) return;
    this.g = gradients[0];
    if (survey) {
      const matrix = new Float64Array(dim * dim);
      for (let j = 0; j < dim; j++) {
        const offset = points[j + 1][j] - this.z[j];
        const usable = values[j + 1] > -Infinity && offset !== 0;
        for (let i = 0; i < dim; i++)
          matrix[i * dim + j] = usable ? (this.g[i] - gradients[j + 1][i]) / offset : i === j ? largest(this.g) : 0;
        this.curvature[j] = matrix[j * dim + j];
      }
      this.model.setMatrix(matrix, this.leastCurvature);
    }
    this.spread = Math.max(this.spread, this.change(survey));
  }

  /** Below this a step would leave the neighbourhood altogether. */
  private get leastCurvature(): number {
    return largest(this.g) / MAX_DISTANCE;
  }

  /** The change over a standard deviation; a curvature far beyond values and slopes is a kink's and counts little. */
  private change(bent: boolean): number {
    const slope = largest(this.g);
    const bend = bent ? largest(this.curvature) / 2 : 0;
    return Math.max(slope, Math.min(bend, 10 * Math.max(slope, Math.abs(this.value), 1e-3 * bend)));
  }

  /** An offset of length `h` along axis `i` that stays in the box: upwards where there is room. */
  private inward(i: number, h: number): number {
    const up = this.upper[i] - this.z[i];
    const down = this.z[i] - this.lower[i];
    return up >= h || up >= down ? Math.min(h, up) : -Math.min(h, down);
  }

  /**
   * Gradient by differences: one-sided with the known curvature (`forward`), else by the parabola through three points, which
   * measures the curvature too. At a bound both outer points lie inside.
   */
  private *measure(forward: boolean, withCentre = false): Asking<void> {
    const { dim, z, h, curvature } = this;
    const points: Float64Array[] = withCentre ? [Float64Array.from(z)] : [];
    const axis = (i: number, offset: number) => points.push(this.shifted((k) => (k === i ? offset : 0))) - 1;
    const first: number[] = [];
    const second: number[] = [];
    const mixed: [number, number, number][] = [];
    for (let i = 0; i < dim; i++) {
      if (forward) {
        const length = Math.min(2 * Math.sqrt(this.noise / Math.max(Math.abs(curvature[i]), 1e-300)), 0.1);
        first.push(axis(i, this.inward(i, Math.max(length, 1e-9))));
        continue;
      }
      const a = this.inward(i, h[i]);
      const opposite = a > 0 ? z[i] - a >= this.lower[i] : z[i] - a <= this.upper[i];
      first.push(axis(i, opposite ? a : a / 2));
      second.push(axis(i, opposite ? -a : a));
    }
    const full = !forward && dim <= NEWTON_DIMENSION;
    if (full) {
      for (let i = 1; i < dim; i++) {
        for (let j = 0; j < i; j++) {
          const offset = (k: number) => (k === i || k === j ? points[first[k]][k] - z[k] : 0);
          mixed.push([i, j, points.push(this.shifted(offset)) - 1]);
        }
      }
    }
    const { values } = yield* this.evaluate(points);
    if (withCentre) {
      this.z = points[0];
      this.value = values[0];
    }
    if (this.value === -Infinity) return;
    const g = new Float64Array(dim);
    for (let i = 0; i < dim; i++) {
      const a = points[first[i]][i] - this.z[i];
      const da = values[first[i]] - this.value;
      const b = forward ? 0 : points[second[i]][i] - this.z[i];
      const db = forward ? -Infinity : values[second[i]] - this.value;
      if (a !== 0 && b !== 0 && a !== b && da > -Infinity && db > -Infinity) {
        g[i] = (da * b * b - db * a * a) / (a * b * (b - a));
        curvature[i] = (-2 * (db * a - da * b)) / (a * b * (b - a));
      } else if (a !== 0 && da > -Infinity) g[i] = da / a + (curvature[i] * a) / 2;
      else if (b !== 0 && db > -Infinity) g[i] = db / b + (curvature[i] * b) / 2;
    }
    this.g = g;
    if (withCentre) this.spread = this.change(true);
    if (full) {
      const matrix = new Float64Array(dim * dim);
      for (let i = 0; i < dim; i++) matrix[i * dim + i] = curvature[i];
      for (const [i, j, at] of mixed) {
        const twist = this.value + values[at] - values[first[i]] - values[first[j]];
        const area = (points[first[i]][i] - this.z[i]) * (points[first[j]][j] - this.z[j]);
        if (Number.isFinite(twist) && area !== 0) matrix[i * dim + j] = matrix[j * dim + i] = -twist / area;
      }
      this.model.setMatrix(matrix, this.leastCurvature);
    }
    if (!forward) this.resize();
  }

  /** The difference step that balances rounding against the third derivative, taken to be of the curvature's size. */
  private resize(): void {
    for (let i = 0; i < this.dim; i++) {
      const c = Math.abs(this.curvature[i]);
      const best = Math.cbrt((3 * this.noise) / Math.max(c, 1e-300));
      const drowned = c * this.h[i] * this.h[i] < 50 * this.noise;
      this.h[i] = Math.min(Math.max(drowned ? Math.max(4 * this.h[i], best) : best, this.precision.step / 100), 0.1);
    }
  }

  // ---- sharpen: where slopes jump

  private *sharpen(): Asking<void> {
    if (this.dim === 1) yield* this.bracket();
    else yield* this.followRidge();
  }

  /** One axis: compass search, with the crossing of the two slopes as soon as two polls around one point tell them. */
  private *bracket(): Asking<void> {
    let radius = Math.min(Math.max(this.radius, 1e-6), 0.25);
    let outer: Poll | undefined;
    for (let polls = 0; polls < MAX_POLLS && radius > this.precision.tolerance; polls++) {
      const points = [this.shifted(() => -radius), this.shifted(() => radius)];
      const { values } = yield* this.evaluate(points);
      const best = values[1] > values[0] ? 1 : 0;
      if (values[best] > this.value + this.noise) {
        this.z = points[best];
        this.value = values[best];
        radius = Math.min(2 * radius, 1);
        outer = undefined;
        continue;
      }
      if (this.value - values[1 - best] <= 2 * this.noise) return;
      const inner: Poll = { left: points[0][0] - this.z[0], right: points[1][0] - this.z[0], values };
      const offset = outer ? crossing(inner, outer) : 0;
      outer = inner;
      radius /= 4;
      if (Math.abs(offset) < this.precision.tolerance / 10) continue;
      const trial = this.shifted(() => offset);
      const met = yield* this.evaluate([trial]);
      if (!(met.values[0] > this.value + this.noise)) continue;
      this.z = trial;
      this.value = met.values[0];
      // It is off by the slopes' own bending: of second order in the radius.
      radius = Math.max(Math.min(radius, 16 * radius * radius), 4 * this.precision.tolerance);
      outer = undefined;
    }
  }

  /**
   * More axes: a bundle of the gradients met within the radius; the shortest vector of their convex hull points along the ridge,
   * and where it vanishes the radius shrinks (Burke, Lewis & Overton, SIAM J. Optim. 15, 2005, with null steps for samples).
   */
  private *followRidge(): Asking<void> {
    const { dim, precision } = this;
    let radius = Math.min(Math.max(this.radius, 1e-6), 0.25);
    let bundle = [yield* this.slope(this.z, this.value, radius)];
    let steepest = largest(bundle[0]);
    for (
      let polls = 0;
      polls < MAX_POLLS && radius > Math.max(precision.tolerance, (20 * this.noise) / Math.max(steepest, 1e-300));
      polls++
    ) {
      const direction = shortest(bundle).map((v, i) =>
        (v > 0 && this.z[i] >= this.upper[i]) || (v < 0 && this.z[i] <= this.lower[i]) ? 0 : v,
      );
      const length = Math.sqrt(dot(direction, direction));
      if (!(length > 1e-3 * steepest) || bundle.length > 2 * dim + 4) {
        radius /= bundle.length > 2 * dim + 4 ? 4 : 16;
        bundle = bundle.slice(0, 1);
        continue;
      }
      const trial = this.shifted((i) => (radius * direction[i]) / length);
      const { values } = yield* this.evaluate([trial]);
      if (values[0] > this.value + Math.max(0.1 * radius * length, this.noise)) {
        this.z = trial;
        this.value = values[0];
        radius = Math.min(2 * radius, 1);
        bundle = [yield* this.slope(trial, values[0], radius)];
        steepest = Math.max(0.1 * steepest, largest(bundle[0]));
      } else if (values[0] > -Infinity) {
        bundle.push(yield* this.slope(trial, values[0], radius));
      } else {
        radius /= 4;
        bundle = bundle.slice(0, 1);
      }
    }
  }

  /** The gradient at a point; by one-sided differences much shorter than the radius that matters. */
  private *slope(point: Float64Array, value: number, radius: number): Asking<Float64Array> {
    if (this.analytic) return (yield* this.evaluate([Float64Array.from(point)], true)).gradients[0];
    const { dim } = this;
    const length = Math.max(radius / 64, this.noise / Math.max(largest(this.g), 1e-300), 1e-11);
    const points = Array.from({ length: dim }, (_, i) =>
      point.map((z, k) => (k === i ? z + (z + length <= this.upper[i] ? length : -length) : z)),
    );
    const { values } = yield* this.evaluate(points);
    return Float64Array.from({ length: dim }, (_, i) => {
      const slope = (values[i] - value) / (points[i][i] - point[i]);
      return Number.isFinite(slope) ? slope : 0;
    });
  }

  // ---- verify

  /**
   * Probes both ways along the axes and along a few oblique directions of the component. Directions level within the noise are
   * probed farther out. Moves to a higher probe, where there is one.
   */
  private *verify(kinked: boolean): Asking<'mode' | 'plateau' | 'flat' | 'rough' | 'higher'> {
    const { dim } = this;
    const directions: Float64Array[] = [];
    for (let k = 0; k < dim; k++) directions.push(Float64Array.from({ length: dim }, (_, i) => (i === k ? 1 : 0)));
    if (dim > 1) for (let k = 0; k < Math.min(dim, 8); k++) directions.push(this.oblique(k, kinked));
    let open = directions.flatMap((direction, at) => {
      const bend = this.model.calibrated && !kinked ? this.model.along(direction) : Infinity;
      const audible = 6 * Math.sqrt(this.noise / Math.max(bend, 1e-300));
      // Farther out than the curvature was measured, so that kinks show.
      const beyond = this.analytic || at >= dim ? 0 : 5 * this.h[at];
      const radius = Math.max(this.precision.probe, Math.min(Math.max(audible, beyond), 0.3));
      return [-1, 1].map((sign) => ({ at, direction, sign, radius }));
    });
    let lower = 0;
    for (let widening = 0; widening < 5; widening++) {
      const probes = open
        .map((probe) => ({ ...probe, point: this.shifted((i) => probe.sign * probe.radius * probe.direction[i]) }))
        .filter(({ point }) => point.some((z, i) => z !== this.z[i]));
      if (probes.length === 0) break;
      const { values } = yield* this.evaluate(probes.map(({ point }) => point));
      let best = 0;
      for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k;
      if (values[best] > this.value + this.noise) {
        this.z = probes[best].point;
        this.value = values[best];
        this.radius = Math.max(probes[best].radius, 1e-3);
        return 'higher';
      }
      open = [];
      let rough = false;
      probes.forEach(({ point, ...probe }, k) => {
        const drop = this.value - values[k];
        if (drop <= this.noise) open.push({ ...probe, radius: Math.min(probe.radius * 6, Math.max(4, probe.radius)) });
        else lower++;
        // A curvature measured closer in that foretells a far deeper drop: a kink, not yet resolved.
        const foretold =
          probe.at < dim && this.model.measured ? (this.model.along(probe.direction) * (point[probe.at] - this.z[probe.at]) ** 2) / 2 : 0;
        const active = probe.at < dim && (this.z[probe.at] <= this.lower[probe.at] || this.z[probe.at] >= this.upper[probe.at]);
        if (!active && widening === 0 && drop > this.noise && foretold > 2.5 * drop && foretold > 100 * this.noise) rough = true;
      });
      if (rough && !kinked) {
        this.radius = this.precision.probe / 8;
        return 'rough';
      }
      if (open.length === 0) break;
    }
    if (lower === 0) return 'plateau';
    return open.length > 0 ? 'flat' : 'mode';
  }

  /** The `k`-th Walsh sign vector, stretched as the curvature or else the component is; its largest coordinate is one. */
  private oblique(k: number, kinked: boolean): Float64Array {
    const signs = Float64Array.from({ length: this.dim }, (_, i) => (parity(i & k) ? -1 : 1));
    const direction = (!kinked && this.model.whiten(signs)) || (this.shapeFactor ? multiply(this.shapeFactor, signs) : signs);
    const length = largest(direction);
    return direction.map((v) => v / length);
  }
}

/** Values left and right of a point. */
interface Poll {
  readonly left: number;
  readonly right: number;
  readonly values: Float64Array;
}

/** Where the line through the two lower neighbours of a point meets the line through the two upper ones; 0 where it does not. */
function crossing(inner: Poll, outer: Poll): number {
  const rise = (inner.values[0] - outer.values[0]) / (inner.left - outer.left);
  const fall = (outer.values[1] - inner.values[1]) / (outer.right - inner.right);
  const t = (inner.values[1] - inner.values[0] + rise * inner.left - fall * inner.right) / (rise - fall);
  return rise > 0 && fall < 0 && t > inner.left && t < inner.right ? t : 0;
}

/** The shortest vector of the convex hull (pairwise Frank-Wolfe, which converges linearly on a polytope). */
function shortest(vectors: readonly Float64Array[]): Float64Array {
  const weights = vectors.map((_, k) => (k === 0 ? 1 : 0));
  const point = Float64Array.from(vectors[0]);
  for (let turn = 0; turn < 500; turn++) {
    const heights = vectors.map((v) => dot(v, point));
    let to = 0;
    let from = -1;
    heights.forEach((height, k) => {
      if (height < heights[to]) to = k;
      if (weights[k] > 0 && (from < 0 || height > heights[from])) from = k;
    });
    const gap = heights[from] - heights[to];
    if (!(gap > 1e-10 * dot(point, point))) break;
    const edge = difference(vectors[to], vectors[from]);
    const share = Math.min(weights[from], gap / dot(edge, edge));
    weights[to] += share;
    weights[from] -= share;
    for (let i = 0; i < point.length; i++) point[i] += share * edge[i];
  }
  return point;
}

// --------------------------------------------------------------------------------------------------------------- curvature

/** A positive definite model of the curvature of `-f`, learned from steps `s` and the gradient's fall `y` along them. */
interface Curvature {
  /** Whether its size, not only its shape, is known. */
  calibrated: boolean;
  setMatrix(matrix: Float64Array, least: number): void;
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
  private readonly dim: number;
  private matrix: Float64Array;

  constructor(dim: number, shapeFactor: Float64Array | undefined) {
    this.dim = dim;
    if (shapeFactor) this.matrix = invertCholesky(shapeFactor, dim);
    else {
      this.matrix = new Float64Array(dim * dim);
      for (let i = 0; i < dim; i++) this.matrix[i * dim + i] = 1;
    }
  }

  setMatrix(measured: Float64Array, least: number): void {
    const { dim } = this;
    const matrix = measured.map((value, at) => (value + measured[(at % dim) * dim + Math.floor(at / dim)]) / 2);
    const top = Math.max(largest(matrix), least, 1e-300);
    for (let shift = 0; ; shift = Math.max(1e-3 * top, 2 * shift)) {
      const shifted = matrix.map((value, at) => (at % (dim + 1) === 0 ? value + shift : value));
      if (!shifted.every(Number.isFinite)) return;
      if (cholesky(shifted, dim) || shift > 1e3 * top) {
        this.matrix = shifted;
        break;
      }
    }
    this.calibrated = true;
  }

  setDiagonal(diagonal: Float64Array, least: number): void {
    const { dim, matrix } = this;
    const top = Math.max(largest(diagonal), least, 1e-300);
    const factor = diagonal.map((c, i) => Math.sqrt(Math.max(Math.abs(c), 1e-6 * top) / matrix[i * dim + i]));
    this.matrix = matrix.map((value, at) => value * factor[Math.floor(at / dim)] * factor[at % dim]);
    this.calibrated = true;
  }

  step(g: Float64Array, low: Float64Array, high: Float64Array): Float64Array {
    const { dim, matrix } = this;
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
      if (!factor) return this.gradientStep(g, low, high);
      const solution = solveCholesky(factor, right);
      const inside = free.filter((i, r) => solution[r] > low[i] && solution[r] < high[i]);
      free.forEach((i, r) => {
        const hit = solution[r] <= low[i] || solution[r] >= high[i];
        if (hit || inside.length === count) step[i] = Math.min(Math.max(solution[r], low[i]), high[i]);
      });
      if (inside.length === count) break;
      free = inside;
    }
    return dot(g, step) > 0 ? step : this.gradientStep(g, low, high);
  }

  private gradientStep(g: Float64Array, low: Float64Array, high: Float64Array): Float64Array {
    return g.map((slope, i) => Math.min(Math.max(slope / this.matrix[i * (this.dim + 1)], low[i]), high[i]));
  }

  update(s: Float64Array, y: Float64Array): void {
    const { dim, matrix } = this;
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
    if (cholesky(next, dim)) this.matrix = next;
  }

  get measured(): boolean {
    return this.calibrated;
  }

  whiten(v: Float64Array): Float64Array | undefined {
    const factor = this.calibrated ? cholesky(this.matrix, this.dim) : undefined;
    return factor && solveUpper(factor, v);
  }

  along(direction: Float64Array): number {
    return dot(direction, multiply(this.matrix, direction));
  }
}

/** L-BFGS (two-loop recursion) on the coordinates that are free to move; starts from the component's shape or a diagonal. */
class LimitedCurvature implements Curvature {
  calibrated = false;
  private readonly dim: number;
  private readonly shape: Float64Array | undefined;
  private bend: Float64Array;
  private gamma = 1;
  private pairs: { s: Float64Array; y: Float64Array }[] = [];

  constructor(dim: number, shape: Float64Array | undefined) {
    this.dim = dim;
    this.shape = shape;
    this.bend = new Float64Array(dim).fill(1);
  }

  setMatrix(matrix: Float64Array, least: number): void {
    this.setDiagonal(
      Float64Array.from({ length: this.dim }, (_, i) => matrix[i * (this.dim + 1)]),
      least,
    );
  }

  setDiagonal(diagonal: Float64Array, least: number): void {
    const top = Math.max(largest(diagonal), least, 1e-300);
    this.bend = diagonal.map((c) => Math.max(Math.abs(c), 1e-6 * top));
    this.gamma = 1;
    this.pairs = [];
    this.calibrated = true;
  }

  /** The starting inverse: the shape with its diagonal fitted to the measured curvature where there is one. */
  private start(v: Float64Array): Float64Array {
    const { shape, bend, dim, gamma } = this;
    if (!shape) return v.map((value, i) => (gamma * value) / bend[i]);
    const weight = bend.map((c, i) => Math.sqrt(1 / (c * shape[i * dim + i])));
    return multiply(
      shape,
      v.map((value, i) => value * weight[i]),
    ).map((value, i) => gamma * value * weight[i]);
  }

  step(g: Float64Array, low: Float64Array, high: Float64Array): Float64Array {
    const free = g.map((slope, i) => ((slope >= 0 && high[i] <= 0) || (slope <= 0 && low[i] >= 0) ? 0 : 1));
    const onFree = (v: Float64Array) => v.map((value, i) => value * free[i]);
    const pairs = this.pairs
      .map(({ s, y }) => ({ s: onFree(s), y: onFree(y) }))
      .filter(({ s, y }) => dot(s, y) > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y)));
    const q = onFree(g);
    const alphas = pairs.map(() => 0);
    for (let k = pairs.length - 1; k >= 0; k--) {
      const { s, y } = pairs[k];
      alphas[k] = dot(s, q) / dot(s, y);
      for (let i = 0; i < q.length; i++) q[i] -= alphas[k] * y[i];
    }
    const r = onFree(this.start(q));
    pairs.forEach(({ s, y }, k) => {
      const beta = dot(y, r) / dot(s, y);
      for (let i = 0; i < r.length; i++) r[i] += (alphas[k] - beta) * s[i];
    });
    const step = r.map((value, i) => Math.min(Math.max(value, low[i]), high[i]));
    if (dot(g, step) > 0) return step;
    return onFree(g).map((slope, i) => Math.min(Math.max((this.gamma * slope) / this.bend[i], low[i]), high[i]));
  }

  update(s: Float64Array, y: Float64Array): void {
    const bent = dot(s, y);
    if (!Number.isFinite(bent)) return;
    if (bent <= 1e-10 * Math.sqrt(dot(s, s) * dot(y, y))) {
      this.gamma *= 2;
      this.pairs = [];
      return;
    }
    this.gamma = 1;
    this.gamma = bent / dot(y, this.start(y));
    this.calibrated = true;
    this.pairs.push({ s, y });
    if (this.pairs.length > LIMITED_MEMORY) this.pairs.shift();
  }

  get measured(): boolean {
    return false;
  }

  whiten(): undefined {}

  along(direction: Float64Array): number {
    return direction.reduce((sum, v, i) => sum + (v * v * this.bend[i]) / this.gamma, 0);
  }
}

// -------------------------------------------------------------------------------------------------------------- directions

function parity(bits: number): boolean {
  let odd = false;
  for (let rest = bits; rest > 0; rest &= rest - 1) odd = !odd;
  return odd;
}

function largest(v: Float64Array): number {
  let top = 0;
  for (const value of v) top = Math.max(top, Math.abs(value));
  return top;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]);
}
