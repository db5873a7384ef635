/** From settings to what the library takes. */
import { type InversionTarget, maximize, minimize, type SearchOptions, type SearchResult, type SolverTarget } from '../src/index.ts';
import { fitsPosterior, type Settings, subjectOf } from './settings.ts';

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

/** The inverse problem itself, for methods that look at predictions. */
export function inversionOf(settings: Settings): InversionTarget {
  const { inversion, text } = subjectOf(settings);
  if (!inversion) throw new RangeError(`${settings.problem} is no inverse problem`);
  const { dimension, data, noise, prior } = inversion;
  return { wgsl: text, file: FILE, dim: dimension, y: data, noise, ...(prior ? { prior } : {}) };
}

/** The whole search (waves, archive, polish) with the library's defaults. */
export function findModes(settings: Settings, options: Pick<SearchOptions, 'signal' | 'onProgress'>): Promise<SearchResult> {
  const { sense, boundary: _, ...target } = targetOf(settings);
  const { exact, edited } = subjectOf(settings);
  const search = sense === 'maximize' ? maximize : minimize;
  return search({ ...target, ...(exact && !edited ? { exact } : {}), seed: settings.seed, ...options });
}
