/** What a search's checkpoint holds, and what it is a checkpoint of. Loaded with the first one, no part of a page that keeps none. */
import type { Start } from '../mixture/start.ts';
import type { Objective } from '../objective/objective.ts';
import type { Archive, ArchivedMode } from '../result/archive.ts';
import { mismatch } from './checkpoint.ts';
import type { Found } from './describe-modes.ts';
import { type Identity, layoutIdentity, methodIdentity, objectiveIdentity, startIdentity } from './identity.ts';
import type { Method } from './method.ts';
import type { SavedBuffers } from './persistent.ts';
import type { Tally } from './tally.ts';
import type { Seen } from './tolerances.ts';

/** Where in its sequence of waves a search is. */
export interface SearchPlace {
  wave: number;
  /** In the annealing of the wave, with counters of before it; or between this wave and the next. */
  phase: 'annealing' | 'between';
  /** Waves in a row that left hardly anything unseen. */
  seenAll: number;
  cooling: number | undefined;
  firstTemperature: number;
  /** Of the annealing in progress, where tolerances may end it. */
  seen: Seen | undefined;
  /** Of the annealing in progress, or of the last one. */
  buffers: SavedBuffers | undefined;
}

export interface SavedSearch extends SearchPlace {
  iterations: number;
  /** Points of annealing. */
  sampled: number;
  nonFinite: number;
  failedSteps: number;
  waves: number;
  /** Points of everything else, and those with gradients. */
  called: number;
  gradients: number;
  best: { x: Float64Array; value: number } | undefined;
  archive: ArchivedMode<Found>[];
  milliseconds: { run: number; polish: number };
}

/** What runs that go through the same states share. `of`: what the search is part of, where its objective does not tell. */
export function searchIdentity(
  objective: Objective,
  method: Method,
  shape: { components: number; samples: number; seed: number; start?: Start | undefined; oneWave: boolean; of?: Identity | undefined },
): Identity {
  return {
    ...(shape.of ?? objectiveIdentity(objective)),
    ...methodIdentity(method),
    components: shape.components,
    samples: shape.samples,
    seed: shape.seed,
    'one wave': shape.oneWave,
    ...startIdentity(shape.start),
    ...layoutIdentity(),
  };
}

/** @param counted iterations and points of annealing at the place, if not the tally's */
export function saveSearch(
  place: SearchPlace,
  tally: Tally,
  archive: Archive<Found>,
  counted: { iterations: number; sampled: number },
): SavedSearch {
  const { nonFinite, failedSteps, waves, best, called, milliseconds } = tally;
  return {
    ...place,
    ...counted,
    nonFinite,
    failedSteps,
    waves,
    called: called.evaluations,
    gradients: called.gradientEvaluations,
    best: best && { ...best },
    archive: archive.save(),
    milliseconds: { run: milliseconds.run, polish: milliseconds.polish },
  };
}

/** @throws CheckpointError */
export function checkSearch(saved: SavedSearch, dim: number): void {
  const { wave, iterations, sampled, seenAll, nonFinite, failedSteps, waves, called, gradients } = saved;
  const counters = { wave, iterations, sampled, seenAll, nonFinite, failedSteps, waves, called, gradients };
  for (const [name, count] of Object.entries(counters)) if (!Number.isSafeInteger(count) || count < 0) mismatch(name);
  if (saved.phase !== 'annealing' && saved.phase !== 'between') mismatch('the phase');
  const point = (x: unknown) => x instanceof Float64Array && x.length === dim;
  if (saved.best && !point(saved.best.x)) mismatch('the best point');
  if (!Array.isArray(saved.archive) || !saved.archive.every(({ x, scale }) => point(x) && point(scale))) mismatch('the archive');
}

/** What was counted and found up to there, out of a state that {@link checkSearch} has passed. */
export function restoreSearch(saved: SavedSearch, tally: Tally, archive: Archive<Found>): void {
  const { iterations, sampled, nonFinite, failedSteps, waves, called, gradients, best } = saved;
  Object.assign(tally, { iterations, sampled, nonFinite, failedSteps, waves, best });
  Object.assign(tally.milliseconds, saved.milliseconds);
  Object.assign(tally.earlier, { evaluations: called, gradientEvaluations: gradients });
  archive.restore(saved.archive);
}
