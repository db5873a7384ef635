/**
 * Polish: carries candidates (component means) to the exact local optimum beside them, and proves that it is one.
 *
 * Each candidate is a small search written as a generator that asks for values at points; {@link inLockstep} answers the questions of
 * all of them together. A search goes
 *
 *   climb    quasi-Newton ascent in coordinates scaled by the component's standard deviations (climb.ts); gradients analytic or by
 *            differences (differences.ts), curvature learned on the way (curvature-model.ts)
 *   sharpen  where slopes jump: by values alone along one axis, by a bundle of gradients along more (sharpen.ts)
 *   verify   probes along axes and obliquely (verify.ts); a higher one restarts the climb there
 *
 * Non-goals: it does not look for other modes, and it does not decide whether two results are the same one (see archive.ts).
 */
import type { Evaluator } from '../objective/evaluator.ts';
import { climb } from './climb.ts';
import { type Asker, type Asking, inLockstep, type Stop } from './lockstep.ts';
import { type Bounds, type Candidate, PolishState } from './polish-state.ts';
import { sharpen } from './sharpen.ts';
import { verify } from './verify.ts';

export type { Bounds, Candidate } from './polish-state.ts';

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
 * level as far as it was probed. `unsettled`: higher probes again and again, or too far from the start. The last four: stopped
 * before the proof.
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
  /** The candidate's standard deviations, made usable: positive, finite, no wider than the box. */
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

const MAX_RESTARTS = 8;

/** One candidate's search, in outline. */
class Search implements Asker {
  readonly #state: PolishState;
  #reason: PolishReason = 'unsettled';

  constructor(evaluator: Evaluator, candidate: Candidate, bounds: Bounds | undefined, relativeNoise: number | undefined) {
    this.#state = new PolishState(evaluator, candidate, bounds, relativeNoise);
  }

  get value(): number {
    return this.#state.value;
  }

  result(stop: Stop): PolishedPoint {
    const state = this.#state;
    const reason = stop === 'done' ? this.#reason : stop;
    return {
      x: state.place(state.z),
      value: state.value,
      isMode: reason === 'mode',
      reason,
      evaluations: state.evaluations,
      rounds: state.rounds,
      scale: state.scale,
    };
  }

  *ask(): Asking<void> {
    const state = this.#state;
    for (let restart = 0; restart <= MAX_RESTARTS; restart++) {
      const climbed = yield* climb(state, restart > 0);
      if (climbed === 'not finite' || climbed === 'unsettled') {
        this.#reason = climbed;
        return;
      }
      if (climbed === 'rough') yield* sharpen(state);
      let verdict = yield* verify(state, climbed === 'rough');
      if (verdict === 'rough') {
        yield* sharpen(state);
        verdict = yield* verify(state, true);
      }
      if (verdict === 'mode' || verdict === 'plateau' || verdict === 'flat') {
        this.#reason = verdict;
        return;
      }
      // A higher point beside a settled one, again: more noise than was thought, perhaps.
      if (restart > 1) state.noiseFactor = Math.min(4 * state.noiseFactor, 64);
    }
    this.#reason = 'unsettled';
  }
}
