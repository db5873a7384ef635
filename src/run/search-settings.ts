/** What a search is told, and what it reports while it runs. */
import type { Start } from '../mixture/start.ts';
import type { Snapshot } from '../result/types.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Survival } from './device-loss.ts';
import type { Identity } from './identity.ts';
import type { Pause } from './pause.ts';
import type { Watch } from './tolerances.ts';
import type { TraceRow } from './trace.ts';
import type { Tuning } from './variants.ts';

/** Budgets: the first one reached stops. */
export interface Budgets {
  /** Iterations over all waves. */
  iterations?: number | undefined;
  evaluations?: number | undefined;
  seconds?: number | undefined;
  /** Stop as soon as a value this good has been seen (the user's own sign). */
  target?: number | undefined;
  /** Waves of annealing; default: as many as it takes. `1`: one mixture, no candidates, no restarts. */
  waves?: number | undefined;
}

export interface SearchSettings extends Budgets, Survival {
  components?: number | undefined;
  samples?: number | undefined;
  seed: number;
  /** Share of the evaluations that a single wave leaves for polishing its modes. */
  polishShare?: number | undefined;
  /** False: the mixture is wanted, and no modes. */
  polish?: boolean | undefined;
  /** In place of means drawn uniformly from the box. */
  start?: Start | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Each annealing ends where one of them is met; that of `termination` is the end of the search. */
  watching?: ((samples: number, start: Snapshot) => Watch) | undefined;
  /** Default `fixed`, or that of the checkpoint. */
  tuning?: Tuning | undefined;
  /** Floats a chunk buffer may hold; for tests. */
  chunkFloats?: number | undefined;
  /** Holds the annealing while it is on. */
  pause?: Pause | undefined;
  /** What the search is part of, where its objective does not tell. */
  within?: { kind: Checkpoint['kind']; identity: Identity } | undefined;
}

/** How far a run has come: what `onProgress` is given. */
export interface Progress {
  /** From 0. Every fourth one anneals a mixture; the others look at start candidates. */
  wave: number;
  /** Iterations of all waves. */
  iteration: number;
  /** Points evaluated. */
  evaluations: number;
  /** omega. */
  temperature: number;
  /** Best value seen, in the user's own sign. */
  best: number;
  /** Modes archived so far. */
  modes: number;
  /** Share of the work done, as far as budgets or the temperature tell: 0 to 1. */
  done: number;
  /** The trace since the call before: one row an iteration. */
  rows: readonly TraceRow[];
}
