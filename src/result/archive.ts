/**
 * The archive of distinct modes: merges finds of the same mode, counts how often each was found, and says which archived mode an
 * unpolished component mean belongs to.
 *
 * Two polished points are one mode when they lie within the polish's own accuracy of each other, or when they are near and no
 * point of the segment between them is lower than both (the hill-valley test: R. K. Ursem, CEC 1999; Maree et al., GECCO 2018).
 * The archive trusts its caller that what is added is a mode (see polish.ts); it forgets none.
 */
import type { Evaluator } from '../objective/evaluator.ts';
import { cholesky, solveLower } from './linear.ts';
import { type Asker, type Asking, inLockstep } from './lockstep.ts';

/** A point with the size of its surroundings: what {@link Archive.add} and {@link Archive.match} take. */
export interface ScaledPoint {
  readonly x: Float64Array;
  /** A typical standard deviation per axis. */
  readonly scale: Float64Array;
  /** Covariance, row by row; where there is one, distances are measured in it. */
  readonly covariance?: Float64Array;
}

export interface FoundPoint extends ScaledPoint {
  readonly value: number;
}

export interface ArchivedMode<Meta = unknown> extends FoundPoint {
  /** Independent finds. */
  readonly count: number;
  /** The number of evaluations spent when it was first found, as the caller gave it. */
  readonly foundAt: number;
  /** What the caller gave with the find that is kept (the best one). */
  readonly meta: Meta | undefined;
}

export interface ListedMode<Meta = unknown> extends ArchivedMode<Meta> {
  /** Within `globalTolerance * max(1, |best|)` of the best. */
  readonly global: boolean;
}

export interface ArchiveOptions {
  /** Points this near (in standard deviations) are one mode unseen; default 1e-4 (f64) or 2e-2 (f32). */
  readonly identical?: number;
  /** Up to this distance (in standard deviations) a pair of polished points is tested along its segment; default 1. */
  readonly near?: number;
  /** Up to this distance (in standard deviations) a mean may belong to a mode; default 8. */
  readonly reach?: number;
  /** Noise of the values relative to their size; default 2^-49 (f64) or 2^-20 (f32). */
  readonly relativeNoise?: number;
}

/** Interior points of a segment, as shares of the way from its lower end; the first two are asked first. */
const SHARES = [0.5, 0.25, 0.05, 0.75, 0.95];
const FIRST_SHARES = 2;

const DEFAULTS = {
  f64: { identical: 1e-4, near: 1, reach: 8, relativeNoise: 2 ** -49 },
  f32: { identical: 2e-2, near: 1, reach: 8, relativeNoise: 2 ** -20 },
};

type Entry<Meta> = { -readonly [Key in keyof ArchivedMode<Meta>]: ArchivedMode<Meta>[Key] };

export class Archive<Meta = unknown> {
  readonly #evaluator: Evaluator;
  readonly #settings: Required<ArchiveOptions>;
  readonly #entries: Entry<Meta>[] = [];

  constructor(evaluator: Evaluator, options: ArchiveOptions = {}) {
    this.#evaluator = evaluator;
    this.#settings = { ...DEFAULTS[evaluator.precision], ...options };
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Independent finds of each mode, best mode first: what {@link unseenModes} takes. */
  get counts(): number[] {
    return this.#entries.map(({ count }) => count);
  }

  /**
   * Adds a polished mode. A find of a known one raises its count (unless `independent` is false) and replaces it where it is
   * better. Costs evaluations only beside a near mode: at most five for each of the nearest two; where `maxEvaluations` forbids
   * them the point counts as a mode of its own.
   */
  async add(
    point: FoundPoint,
    find: { readonly foundAt: number; readonly meta?: Meta; readonly independent?: boolean },
    limits: { readonly maxEvaluations?: number } = {},
  ): Promise<{ readonly mode: ArchivedMode<Meta>; readonly isNew: boolean }> {
    const { identical, near } = this.#settings;
    const nearby = this.#nearest(point, near);
    let known = nearby.find(({ distance }) => distance <= identical)?.entry;
    if (!known && nearby.length > 0) {
      const membership = new Membership(
        point,
        nearby.map(({ entry }) => entry),
        this.#settings.relativeNoise,
        point.value,
      );
      const [stop] = await inLockstep(this.#evaluator, [membership], limits);
      if (stop === 'done') known = membership.owner as Entry<Meta> | undefined;
    }
    const isNew = known === undefined;
    const kept = {
      x: point.x.slice(),
      value: point.value,
      scale: point.scale.slice(),
      covariance: point.covariance?.slice(),
      meta: find.meta,
    };
    const entry = known ?? { ...kept, count: 1, foundAt: find.foundAt };
    if (isNew) this.#entries.push(entry);
    else {
      if (find.independent ?? true) entry.count++;
      entry.foundAt = Math.min(entry.foundAt, find.foundAt);
      if (point.value > entry.value) Object.assign(entry, kept);
    }
    this.#entries.sort((a, b) => b.value - a.value || a.foundAt - b.foundAt);
    return { mode: { ...entry }, isNew };
  }

  /**
   * For each unpolished mean the archived mode whose hill it lies on, or undefined: asks the nearest two by the hill-valley test,
   * all means in lockstep. At most eleven evaluations a mean, none when it is a mode's own point or far from all. Where
   * `maxEvaluations` cuts the test short the answer is undefined too. Counts nothing: see {@link recordFind}.
   */
  async match(
    points: readonly (ScaledPoint & { readonly value?: number })[],
    limits: { readonly maxEvaluations?: number; readonly signal?: AbortSignal } = {},
  ): Promise<(ArchivedMode<Meta> | undefined)[]> {
    const { identical, reach, relativeNoise } = this.#settings;
    const memberships = points.map((point) => {
      const nearby = this.#nearest(point, reach);
      const settled = nearby.length > 0 && nearby[0].distance <= identical;
      const entries = nearby.map(({ entry }) => entry);
      return new Membership(point, settled ? entries.slice(0, 1) : entries, relativeNoise, point.value, settled);
    });
    await inLockstep(this.#evaluator, memberships, limits);
    return memberships.map(({ owner }) => owner && { ...(owner as Entry<Meta>) });
  }

  /** Counts one more independent find of a mode that {@link match} or {@link add} returned. */
  recordFind(mode: ArchivedMode<Meta>): void {
    const entry = this.#entries.find(({ x }) => x === mode.x) ?? this.#nearest(mode, Infinity)[0]?.entry;
    if (entry) entry.count++;
  }

  /** All that it knows; a new archive that is given it goes on alike. */
  save(): ArchivedMode<Meta>[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  restore(saved: readonly ArchivedMode<Meta>[]): void {
    this.#entries.splice(0, this.#entries.length, ...saved.map((entry) => ({ ...entry })));
  }

  /** All modes, best first. */
  modes(options: { readonly globalTolerance?: number } = {}): ListedMode<Meta>[] {
    const best = this.#entries[0]?.value ?? 0;
    const allowed = (options.globalTolerance ?? 1e-4) * Math.max(1, Math.abs(best));
    return this.#entries.map((entry) => ({ ...entry, global: best - entry.value <= allowed }));
  }

  /** The nearest two within a distance. */
  #nearest(point: ScaledPoint, within: number): { entry: Entry<Meta>; distance: number }[] {
    return this.#entries
      .map((entry) => ({ entry, distance: distanceBetween(entry, point) }))
      .filter(({ distance }) => distance <= within)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 2);
  }
}

/**
 * Distance in standard deviations of the wider of the two (per axis, scales known only to a factor), so that a find from a wide
 * component is not taken for a new mode beside a narrow one. In the mode's covariance where that is larger in no direction: it
 * tells apart what lies across a narrow ridge.
 */
function distanceBetween(mode: ScaledPoint, point: ScaledPoint): number {
  const dim = mode.x.length;
  const offset = mode.x.map((x, i) => point.x[i] - x);
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += (offset[i] / Math.max(mode.scale[i], point.scale[i])) ** 2;
  const plain = Math.sqrt(sum);
  const factor = mode.covariance && cholesky(mode.covariance, dim);
  if (!factor) return plain;
  const wider = mode.scale.reduce((most, scale, i) => Math.max(most, point.scale[i] / scale), 1);
  const whitened = solveLower(factor, offset);
  return Math.max(plain, Math.sqrt(whitened.reduce((total, v) => total + v * v, 0)) / wider);
}

/** Asks which of a few modes a point shares a hill with: the first to which no interior point of the segment dips. */
class Membership implements Asker {
  owner: FoundPoint | undefined;
  value: number;
  readonly #point: ScaledPoint;
  readonly #modes: readonly FoundPoint[];
  readonly #relativeNoise: number;
  readonly #known: boolean;

  constructor(point: ScaledPoint, modes: readonly FoundPoint[], relativeNoise: number, value: number | undefined, settled = false) {
    this.#point = point;
    this.#modes = modes;
    this.#relativeNoise = relativeNoise;
    this.value = value ?? -Infinity;
    this.#known = value !== undefined;
    if (settled) this.owner = modes[0];
  }

  *ask(): Asking<void> {
    if (this.owner) return;
    let valued = this.#known;
    for (const mode of this.#modes) {
      // From the lower end: beside a strict optimum the first steps are lower. An unvalued mean is taken for it.
      const rising = !valued || this.value <= mode.value;
      let level = true;
      for (const shares of [SHARES.slice(0, FIRST_SHARES), SHARES.slice(FIRST_SHARES)]) {
        const rows = shares.map((share) => between(this.#point.x, mode.x, rising ? share : 1 - share));
        if (!valued) rows.push(this.#point.x);
        const dim = this.#point.x.length;
        const points = new Float64Array(rows.length * dim);
        rows.forEach((row, at) => {
          points.set(row, at * dim);
        });
        const { values } = yield { points, gradient: false };
        if (!valued) {
          this.value = values[shares.length];
          valued = true;
          // Where the mean itself has no value it belongs nowhere.
          if (this.value === -Infinity) return;
        }
        const floor = Math.min(this.value, mode.value);
        const noise = this.#relativeNoise * Math.max(Math.abs(this.value), Math.abs(mode.value));
        level = shares.every((_, at) => values[at] >= floor - noise);
        if (!level) break;
      }
      if (level) {
        this.owner = mode;
        return;
      }
    }
  }
}

function between(from: Float64Array, to: Float64Array, share: number): Float64Array {
  return from.map((x, i) => x + share * (to[i] - x));
}
