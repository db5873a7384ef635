/** What a search's checkpoint holds. */
import type { ArchivedMode } from '../result/archive.ts';
import { mismatch } from './checkpoint.ts';
import type { Found } from './describe-modes.ts';
import type { SavedBuffers } from './persistent.ts';
import type { Seen } from './tolerances.ts';

export interface SavedSearch {
  wave: number;
  /** In the annealing of the wave, with counters of before it; or between this wave and the next. */
  phase: 'annealing' | 'between';
  iterations: number;
  /** Points of annealing. */
  sampled: number;
  seenAll: number;
  nonFinite: number;
  failedSteps: number;
  waves: number;
  /** Points of everything else, and those with gradients. */
  called: number;
  gradients: number;
  best: { x: Float64Array; value: number } | undefined;
  archive: ArchivedMode<Found>[];
  cooling: number | undefined;
  firstTemperature: number;
  milliseconds: { run: number; polish: number };
  /** Of the annealing in progress, where tolerances may end it. */
  seen: Seen | undefined;
  /** Of the annealing in progress, or of the last one. */
  buffers: SavedBuffers | undefined;
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
