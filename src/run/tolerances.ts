/**
 * Ends of a run that its own progress gives, under the names they have in pycma: what a mixture is judged by stands at each of them.
 * They are looked at every few iterations, the same ones however many a submit holds.
 */
import { OptionError } from '../gpu/errors.ts';
import { conditionNumber } from '../result/condition.ts';
import type { Snapshot, ToleranceName } from '../result/types.ts';
import { checkNames, numberOption } from './options.ts';
import type { TraceRow } from './trace.ts';

/** All of them off where not given. Values in units of the objective, distances in user coordinates. */
export interface Tolerances {
  /** The spread of the objective within components, and what the best value gained over the last iterations (10 + 30 d / samples), both below. */
  tolfun?: number;
  /** What the best value gained over the last iterations (10 + 30 d / samples), below. */
  tolfunhist?: number;
  /** The spread of the objective within components as a share of the largest it has been, below. */
  tolfunrel?: number;
  /** Every standard deviation of every component, below. */
  tolx?: number;
  /** A standard deviation of a component grown to this many times the largest at the start: the run diverges. */
  tolfacupx?: number;
  /** A component's volume grown likewise: the geometric mean of its axes in units of that at the start. */
  tolupsigma?: number;
  /** The condition number of a component's covariance, above. Float32 resolves about 1e12. */
  tolconditioncov?: number;
  /** Iterations in a row without any spread of the objective, more than. */
  tolflatfitness?: number;
  /** Iterations without a better value. */
  tolstagnation?: number;
  /** No mean has moved by more than `distance` for this many iterations. */
  tolxstagnation?: { distance: number; iterations: number };
  /** The caller's own: ends the run where it says true. */
  termination?: (snapshot: Snapshot) => boolean | Promise<boolean>;
}

const names: readonly ToleranceName[] = [
  'tolfun',
  'tolfunhist',
  'tolfunrel',
  'tolx',
  'tolfacupx',
  'tolupsigma',
  'tolconditioncov',
  'tolflatfitness',
  'tolstagnation',
  'tolxstagnation',
  'termination',
];

/** Iterations between looks. */
export const CHECK_EVERY = 10;

/** @throws OptionError */
export function readTolerances(given: Tolerances | undefined): Tolerances | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null) throw new OptionError('stop must be an object of tolerances, such as { tolx: 1e-4 }');
  checkNames('tolerance', given, names);
  const { tolxstagnation, termination, ...numbers } = given;
  const above = { min: 0, max: Number.MAX_VALUE };
  for (const [name, value] of Object.entries(numbers)) numberOption(`stop.${name}`, value, undefined, above);
  if (tolxstagnation !== undefined) {
    numberOption('stop.tolxstagnation.distance', tolxstagnation?.distance ?? Number.NaN, undefined, above);
    numberOption('stop.tolxstagnation.iterations', tolxstagnation?.iterations ?? Number.NaN, undefined, { min: 1, max: 1e9, whole: true });
  }
  if (termination !== undefined && typeof termination !== 'function') throw new OptionError('stop.termination must be a function');
  return Object.values(given).every((value) => value === undefined) ? undefined : given;
}

/** What has been seen of a run so far: plain data, part of a checkpoint. */
export interface Seen {
  /** Best values of the last iterations, upwards; the newest last. */
  best: number[];
  spread: number;
  largestSpread: number;
  flat: number;
  /** Largest deviation and size of a component at the start. */
  deviation: number;
  size: number;
  means: number[][];
  still: number;
  /** What has ended the run. */
  ended?: { name: ToleranceName; at: string } | undefined;
}

/** Of what a checkpoint holds. */
export function isSeen(value: unknown): value is Seen {
  const { best, means, ended, spread, largestSpread, flat, deviation, size, still } = (value ?? {}) as Partial<Seen>;
  const numbers = (list: unknown): boolean => Array.isArray(list) && list.every((entry) => typeof entry === 'number');
  return (
    numbers(best) &&
    numbers([spread, largestSpread, flat, deviation, size, still]) &&
    Array.isArray(means) &&
    means.every(numbers) &&
    (ended === undefined || (typeof ended?.name === 'string' && typeof ended.at === 'string'))
  );
}

/** Watches one run. */
export class Watch {
  readonly #tolerances: Tolerances;
  /** Iterations over which gains are taken. */
  readonly #history: number;
  readonly every = CHECK_EVERY;
  seen: Seen;

  /** @param start the state before the first iteration */
  constructor(tolerances: Tolerances, samples: number, start: Snapshot) {
    this.#tolerances = tolerances;
    const { means, covariances } = start.mixture;
    this.#history = 10 + Math.ceil((30 * (means[0]?.length ?? 1)) / samples);
    this.seen = {
      best: [],
      spread: Number.POSITIVE_INFINITY,
      largestSpread: 0,
      flat: 0,
      deviation: Math.max(...covariances.map(largestDeviation)),
      size: Math.max(...covariances.map(sizeOf)),
      means,
      still: 0,
    };
  }

  /** What ended it, if the same tolerance would today. */
  get ended(): ToleranceName | undefined {
    const { ended } = this.seen;
    return ended && ended.at === this.#said(ended.name) ? ended.name : undefined;
  }

  add(rows: readonly Pick<TraceRow, 'best' | 'spread'>[]): void {
    const { seen } = this;
    const kept = Math.max(this.#history, this.#tolerances.tolstagnation ?? 0) + 1;
    for (const { best, spread } of rows) {
      seen.best.push(best);
      seen.spread = spread;
      seen.largestSpread = Math.max(seen.largestSpread, spread);
      seen.flat = spread === 0 ? seen.flat + 1 : 0;
    }
    if (seen.best.length > kept) seen.best.splice(0, seen.best.length - kept);
  }

  /** Which tolerance is met now, by the state read back. */
  async check(snapshot: Snapshot): Promise<ToleranceName | undefined> {
    const { tolxstagnation, termination } = this.#tolerances;
    const { seen } = this;
    const { means } = snapshot.mixture;
    if (tolxstagnation) {
      const moved = means.length !== seen.means.length || means.some((mean, k) => distance(mean, seen.means[k]!) > tolxstagnation.distance);
      seen.still = moved ? 0 : seen.still + CHECK_EVERY;
      if (moved) seen.means = means;
    }
    let name = names.find((one) => one !== 'termination' && this.#met(one, snapshot));
    if (!name && termination && (await termination(snapshot)) === true) name = 'termination';
    seen.ended = name && { name, at: this.#said(name) };
    return name;
  }

  #met(name: ToleranceName, { mixture: { covariances } }: Snapshot): boolean {
    const { seen } = this;
    const bound = this.#tolerances[name];
    if (bound === undefined) return false;
    if (name === 'tolxstagnation') return seen.still >= (bound as { iterations: number }).iterations;
    const number = bound as number;
    switch (name) {
      case 'tolfun':
        return seen.spread < number && this.#gain(this.#history) < number;
      case 'tolfunhist':
        return this.#gain(this.#history) < number;
      case 'tolfunrel':
        return seen.spread < number * seen.largestSpread;
      case 'tolx':
        return covariances.every((covariance) => largestDeviation(covariance) < number);
      case 'tolfacupx':
        return covariances.some((covariance) => largestDeviation(covariance) > number * seen.deviation);
      case 'tolupsigma':
        return covariances.some((covariance) => sizeOf(covariance) > number * seen.size);
      case 'tolconditioncov':
        return covariances.some((covariance) => conditionNumber(Float64Array.from(covariance.flat()), covariance.length) > number);
      case 'tolflatfitness':
        return seen.flat > number;
      case 'tolstagnation':
        return this.#gain(number) <= 0;
      default:
        return false;
    }
  }

  /** Of the best value over so many iterations; all there is to gain as long as there were fewer. */
  #gain(iterations: number): number {
    const { best } = this.seen;
    const before = best[best.length - 1 - iterations];
    return before === undefined ? Number.POSITIVE_INFINITY : best[best.length - 1]! - before;
  }

  #said(name: ToleranceName): string {
    return name === 'termination' ? '' : JSON.stringify(this.#tolerances[name] ?? null);
  }
}

const largestDeviation = (covariance: readonly (readonly number[])[]): number =>
  Math.sqrt(covariance.reduce((most, row, i) => Math.max(most, row[i]!), 0));

/** The geometric mean of the deviations along the axes of its ellipsoid, by elimination. */
function sizeOf(covariance: readonly (readonly number[])[]): number {
  const rows = covariance.map((row) => Array.from(row));
  let logDeterminant = 0;
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows[i]![i]!;
    if (!(pivot > 0)) return 0;
    logDeterminant += Math.log(pivot);
    for (let r = i + 1; r < rows.length; r++) {
      const share = rows[r]![i]! / pivot;
      for (let c = i; c < rows.length; c++) rows[r]![c]! -= share * rows[i]![c]!;
    }
  }
  return Math.exp(logDeterminant / (2 * rows.length));
}

const distance = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((value, i) => value - b[i]!));
