/** Fitting one mixture to a density, and saying how good the fit is. */
import type { Gpu } from '../gpu/device.ts';
import { DeviceLostError, ObjectiveError } from '../gpu/errors.ts';
import type { Objective } from '../objective/objective.ts';
import { type Summarised, withSummary } from '../result/summary.ts';
import type { PosteriorSummary, SampleResult } from '../result/types.ts';
import { surviving } from './device-loss.ts';
import { guarded } from './loop.ts';
import type { Method } from './method.ts';
import { summarise } from './posterior.ts';
import { Search } from './search.ts';
import type { SearchSettings } from './search-settings.ts';

/** @param draws from the fit, with which it is assessed, and equally weighted ones asked for */
export function fit(
  gpu: Gpu,
  objective: Objective,
  method: Method,
  settings: SearchSettings,
  draws: { draws: number; resampled: number },
): Promise<Summarised<SampleResult>> {
  return surviving(gpu, settings, async (device, now) => {
    const run = new Search(device, objective, method, now);
    try {
      const result = await run.run();
      const { ended } = run;
      if (!ended && result.status !== 'aborted') {
        throw new ObjectiveError('no iteration was made, so there is no fit; give a larger budget');
      }
      const before = performance.now();
      const summary = ended ? await guarded(device, summarise(ended.engine, ended.state, ended.evaluator, draws)) : nothingFitted;
      const seconds = { ...result.seconds, total: result.seconds.total + (performance.now() - before) / 1000 };
      return withSummary({ ...result, evaluations: run.evaluations, seconds, ...summary });
    } catch (error) {
      if (error instanceof DeviceLostError) error.snapshot ??= run.snapshot;
      throw error;
    } finally {
      run.dispose();
    }
  });
}

/** What there is to say of a fit that was aborted before it began. */
const nothingFitted: PosteriorSummary = {
  elbo: Number.NaN,
  elboStandardError: Number.NaN,
  logEvidence: { value: Number.NaN, standardError: Number.NaN },
  effectiveSampleSize: 0,
  paretoK: Number.POSITIVE_INFINITY,
  unusableDraws: 0,
  weightedDraws: { points: [], logWeights: [], values: [] },
  draws: [],
  drawValues: [],
};
