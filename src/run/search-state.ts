/** What a search's checkpoint holds, and what it is a checkpoint of. Loaded with the first one, no part of a page that keeps none. */
import type { Start } from '../mixture/start.ts';
import type { Objective } from '../objective/objective.ts';
import type { Archive, ArchivedMode } from '../result/archive.ts';
import { mismatch } from './checkpoint.ts';
import type { Found } from './describe-modes.ts';
import { type Identity, layoutIdentity, methodIdentity, objectiveIdentity, startIdentity, variantsIdentity } from './identity.ts';
import { isLoopTime } from './loop.ts';
import type { Method } from './method.ts';
import type { SavedBuffers } from './persistent.ts';
import type { Milliseconds, Tally } from './tally.ts';
import { isSeen, type Seen } from './tolerances.ts';
import { type Chosen, describeVariants } from './variants.ts';

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
  removed: number;
  added: number;
  waves: number;
  /** Points of everything else, and those with gradients. */
  called: number;
  gradients: number;
  best: { x: Float64Array; value: number } | undefined;
  archive: ArchivedMode<Found>[];
  milliseconds: Omit<Milliseconds, 'compile'>;
}

/** What runs that go through the same states share. `of`: what the search is part of, where its objective does not tell. */
export function searchIdentity(
  objective: Objective,
  method: Method,
  shape: {
    components: number;
    samples: number;
    seed: number;
    start?: Start | undefined;
    chosen: Chosen;
    oneWave: boolean;
    of?: Identity | undefined;
  },
): Identity {
  return {
    ...(shape.of ?? objectiveIdentity(objective)),
    ...methodIdentity(method),
    components: shape.components,
    samples: shape.samples,
    seed: shape.seed,
    'one wave': shape.oneWave,
    ...startIdentity(shape.start),
    ...variantsIdentity(describeVariants(method, shape.chosen)),
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
  const { nonFinite, failedSteps, removed, added, waves, best, called } = tally;
  const { compile: _, ...milliseconds } = tally.milliseconds;
  return {
    ...place,
    ...counted,
    nonFinite,
    failedSteps,
    removed,
    added,
    waves,
    called: called.evaluations,
    gradients: called.gradientEvaluations,
    best: best && { ...best },
    archive: archive.save(),
    milliseconds,
  };
}

/** @throws CheckpointError */
export function checkSearch(saved: SavedSearch, dim: number): void {
  const { wave, iterations, sampled, seenAll, nonFinite, failedSteps, removed, added, waves, called, gradients } = saved;
  const counters = { wave, iterations, sampled, seenAll, nonFinite, failedSteps, removed, added, waves, called, gradients };
  for (const [name, count] of Object.entries(counters)) if (!Number.isSafeInteger(count) || count < 0) mismatch(name);
  const { milliseconds } = saved;
  if (!isLoopTime(milliseconds) || ![milliseconds.run, milliseconds.polish].every(Number.isFinite)) mismatch('the time it took');
  if (saved.phase !== 'annealing' && saved.phase !== 'between') mismatch('the phase');
  if (!Number.isFinite(saved.firstTemperature)) mismatch('the first temperature');
  if (saved.cooling !== undefined && !Number.isFinite(saved.cooling)) mismatch('the cooling');
  if (saved.seen !== undefined && !isSeen(saved.seen)) mismatch('what its tolerances have seen');
  const point = (x: unknown, length = dim) => x instanceof Float64Array && x.length === length;
  const mode = (one: ArchivedMode<Found> | null) =>
    point(one?.x) &&
    point(one!.scale) &&
    [one!.value, one!.count, one!.foundAt].every(Number.isFinite) &&
    (one!.covariance === undefined || point(one!.covariance, dim * dim)) &&
    (one!.meta?.covariance === undefined || point(one!.meta.covariance, dim * dim));
  if (saved.best !== undefined && !(point(saved.best?.x) && Number.isFinite(saved.best.value))) mismatch('the best point');
  if (!Array.isArray(saved.archive) || !saved.archive.every(mode)) mismatch('the archive');
}

/** What was counted and found up to there, out of a state that {@link checkSearch} has passed. */
export function restoreSearch(saved: SavedSearch, tally: Tally, archive: Archive<Found>): void {
  const { iterations, sampled, nonFinite, failedSteps, removed, added, waves, called, gradients, best } = saved;
  Object.assign(tally, { iterations, sampled, nonFinite, failedSteps, removed, added, waves, best });
  Object.assign(tally.milliseconds, saved.milliseconds);
  Object.assign(tally.earlier, { evaluations: called, gradientEvaluations: gradients });
  archive.restore(saved.archive);
}
