/** How far a search may go: budgets, the signal and the target, over the whole of it and within a wave. */
import { WAVE_SHARE } from './defaults.ts';
import type { Limits } from './persistent.ts';
import type { SearchSettings } from './search-settings.ts';
import type { Tally } from './tally.ts';

export class SearchBudget {
  /** Over the whole search. */
  readonly evaluations: number;
  /** `performance.now()` at which the time is up. */
  readonly deadline: number | undefined;
  readonly #settings: SearchSettings;
  readonly #tally: Tally;
  /** As `settings.target`, upwards. */
  readonly #target: number | undefined;

  /** Time begins now: the first use of shaders is no part of it. */
  constructor(settings: SearchSettings, tally: Tally, evaluations: number, sense: 1 | -1) {
    this.evaluations = evaluations;
    this.#settings = settings;
    this.#tally = tally;
    this.#target = settings.target === undefined ? undefined : sense * settings.target;
    const { seconds } = settings;
    this.deadline = seconds === undefined ? undefined : performance.now() + 1000 * (seconds - tally.earlier.seconds);
  }

  /** Evaluations left; below 0 where they were passed. */
  get left(): number {
    return this.evaluations - this.#tally.evaluations;
  }

  /** The caller's signal and the time budget as one; aborted already when either is over. */
  halt(): AbortSignal | undefined {
    const { signal } = this.#settings;
    if (this.deadline === undefined) return signal;
    const left = this.deadline - performance.now();
    const time = left > 0 ? AbortSignal.timeout(Math.min(Math.ceil(left), 2 ** 31 - 1)) : AbortSignal.abort();
    return signal ? AbortSignal.any([signal, time]) : time;
  }

  /** Whether another wave may begin; what forbids it stands among the stops. */
  goesOn(): boolean {
    const { signal, iterations } = this.#settings;
    const { stops, best } = this.#tally;
    if (signal?.aborted) stops.add('aborted');
    if (this.left <= 0) stops.add('evaluations');
    if (this.deadline !== undefined && performance.now() >= this.deadline) stops.add('seconds');
    if (iterations !== undefined && this.#tally.iterations >= iterations) stops.add('iterations');
    if (this.#target !== undefined && best && best.value >= this.#target) stops.add('target');
    return stops.size === 0;
  }

  /** Whether nothing has cut the wave short. */
  whole(): boolean {
    return this.#tally.stops.size === 0 && this.left > 0 && !this.halt()?.aborted;
  }

  /** Of a wave that starts now. */
  wave(single: boolean, perIteration: number): Limits {
    const { iterations, polishShare = 0 } = this.#settings;
    const { left } = this;
    return {
      maxIterations: iterations === undefined ? undefined : iterations - this.#tally.iterations,
      // A rugged landscape cools slowly: restarts and candidates must get their share too.
      maxEvaluations: single
        ? Math.max(Math.floor((1 - polishShare) * left), perIteration)
        : Math.min(left, Math.max(perIteration, Math.ceil(WAVE_SHARE * this.evaluations))),
      targetValue: this.#target,
    };
  }

  /** Share of the work done, as far as the budgets tell: 0 to 1, and more where one is passed. */
  done(): number {
    const { seconds, iterations } = this.#settings;
    const shares = [this.#tally.evaluations / this.evaluations];
    if (seconds !== undefined && this.deadline !== undefined) shares.push(1 - (this.deadline - performance.now()) / (1000 * seconds));
    if (iterations !== undefined) shares.push(this.#tally.iterations / iterations);
    return Math.max(...shares);
  }
}
