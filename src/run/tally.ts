/** What a search has counted and found so far, in whatever it does. */
import type { StopReason } from '../result/types.ts';
import type { LoopTime } from './loop.ts';

/** Those of the loop are within `run`. */
export interface Milliseconds extends LoopTime {
  compile: number;
  run: number;
  polish: number;
}

export class Tally {
  iterations = 0;
  /** Points of annealing. */
  sampled = 0;
  nonFinite = 0;
  failedSteps = 0;
  /** Components removed and added. */
  removed = 0;
  added = 0;
  /** Annealed waves. */
  waves = 0;
  /** Upwards. */
  best: { x: Float64Array; value: number } | undefined;
  /** What has ended it, or will. */
  readonly stops = new Set<StopReason>();
  readonly milliseconds: Milliseconds = { compile: 0, run: 0, polish: 0, gpu: 0, readback: 0 };
  /** What a checkpoint brought along, that nobody counted here. */
  earlier = { evaluations: 0, gradientEvaluations: 0, seconds: 0 };
  /** Counts the points of everything but annealing. */
  evaluator: { readonly evaluations: number; readonly gradientEvaluations: number } | undefined;

  /** Points at which the objective was called beside annealing, and those of them with gradients. */
  get called(): { evaluations: number; gradientEvaluations: number } {
    const { earlier, evaluator } = this;
    return {
      evaluations: earlier.evaluations + (evaluator?.evaluations ?? 0),
      gradientEvaluations: earlier.gradientEvaluations + (evaluator?.gradientEvaluations ?? 0),
    };
  }

  /** Points at which the objective was called. */
  get evaluations(): number {
    return this.sampled + this.called.evaluations;
  }

  /** A value at a point, upwards. */
  see(x: Float64Array, value: number): void {
    if (value > -1e30 && (!this.best || value > this.best.value)) this.best = { x: x.slice(), value };
  }
}
