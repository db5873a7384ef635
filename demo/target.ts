/** From settings to what the library takes. */
import { maximize, minimize, nva, type SearchOptions, type SearchResult, type SolverTarget } from '../src/index.ts';
import type { MethodSpec } from '../src/run/method.ts';
import { type Settings, subjectOf } from './settings.ts';

/** What the editor's text is called in messages. */
export const FILE = 'objective.wgsl';

export function targetOf(settings: Settings): SolverTarget {
  const subject = subjectOf(settings);
  const { data, box, sense, text } = subject;
  return {
    wgsl: subject.wgsl(text),
    file: FILE,
    ...(data ? { data } : {}),
    box,
    sense,
    // A posterior lives in all of space; a search stays in its box.
    ...(fitsPosterior(settings) ? { boundary: 'none' as const } : {}),
  };
}

/** A posterior can be fitted to a density only. */
export const fitsPosterior = (settings: Settings): boolean => settings.goal === 'posterior' && subjectOf(settings).density;

export function methodOf(settings: Settings): MethodSpec {
  const { cooling, estimator, rate, weightRate } = settings;
  return nva({
    cooling,
    weightRate,
    ...(rate === undefined ? {} : { rate }),
    ...(estimator === 'auto' ? {} : { estimator }),
    ...(fitsPosterior(settings) ? { temperatureFloor: 1 } : {}),
  });
}

/** The whole search (waves, archive, polish) with the library's defaults. */
export function findModes(settings: Settings, options: Pick<SearchOptions, 'signal' | 'onProgress'>): Promise<SearchResult> {
  const { sense, boundary: _, ...target } = targetOf(settings);
  const { exact, edited } = subjectOf(settings);
  const search = sense === 'maximize' ? maximize : minimize;
  return search({ ...target, ...(exact && !edited ? { exact } : {}), seed: settings.seed, ...options });
}
