/** What a search gives back, out of what it has counted and found. */
import type { SearchResult } from '../result/types.ts';
import { unseenModes } from '../result/unseen.ts';
import { describeModes } from './describe-modes.ts';
import type { Engine } from './engine.ts';
import type { Harvest } from './harvest.ts';
import { guarded, secondsOf } from './loop.ts';
import type { SearchBudget } from './search-budget.ts';
import type { SearchSettings } from './search-settings.ts';
import { type ComponentView, mixtureOf } from './snapshot.ts';
import type { Tally } from './tally.ts';

/** @param components of the last wave @param seconds over all, with what a checkpoint brought along */
export async function searchResult(
  engine: Engine,
  { archive, evaluator }: Harvest,
  components: readonly ComponentView[],
  tally: Tally,
  budget: SearchBudget,
  settings: SearchSettings,
  seconds: () => number,
): Promise<SearchResult> {
  const { gpu, objective, method } = engine;
  const { box, boundary } = objective;
  const sense = objective.text.sense;
  const bounds = boundary === 'none' ? undefined : { lower: box.lower, upper: box.upper };
  const affordable = !budget.halt()?.aborted ? budget.left : 0;
  const modes = await guarded(gpu, describeModes(evaluator, archive.modes(), sense, bounds, affordable));
  const best = modes[0] && (!tally.best || sense * modes[0].value >= tally.best.value - 1e-12) ? modes[0] : undefined;
  const reasons = [...tally.stops];
  const globals = modes.filter(({ global }) => global).length;
  const { compile, run, polish, ...time } = tally.milliseconds;
  const { options, name, estimator, covariance, sampling } = method;
  return {
    status: reasons.includes('aborted') ? 'aborted' : 'success',
    message: `${modes.length} mode${modes.length === 1 ? '' : 's'} found, ${globals} of them global; stopped by: ${reasons.join(', ')}`,
    stopReasons: reasons,
    modes,
    mixture: mixtureOf(components, box.dim),
    best: best
      ? { x: best.x.slice(), value: best.value }
      : { x: Array.from(tally.best?.x ?? []), value: tally.best ? sense * tally.best.value : Number.NaN },
    evaluations: tally.evaluations,
    gradientEvaluations: tally.called.gradientEvaluations + (estimator === 'stein' || estimator === 'hessian' ? tally.sampled : 0),
    nonFinite: tally.nonFinite,
    failedSteps: tally.failedSteps,
    componentsRemoved: tally.removed,
    componentsAdded: tally.added,
    iterations: tally.iterations,
    waves: tally.waves,
    unseen: unseenModes(archive.counts),
    seconds: {
      total: seconds(),
      compile: compile / 1000,
      run: run / 1000,
      polish: polish / 1000,
      ...secondsOf(time),
    },
    seed: settings.seed,
    method: name,
    options: {
      ...options,
      estimator,
      covariance,
      sampling,
      boundary,
      components: engine.components,
      samples: engine.samples,
      evaluations: budget.evaluations,
      ...(settings.iterations === undefined ? {} : { iterations: settings.iterations }),
      ...(settings.seconds === undefined ? {} : { seconds: settings.seconds }),
      ...(settings.target === undefined ? {} : { target: settings.target }),
      ...(settings.waves === undefined ? {} : { waves: settings.waves }),
    },
    sense: sense === 1 ? 'maximize' : 'minimize',
    adapter: gpu.adapter,
    precision: { search: 'f32', polish: evaluator.precision },
    variants: engine.variants,
    ...(engine.warnings.length > 0 ? { warnings: [...engine.warnings] } : {}),
    gpuBytes: engine.bytes,
    version: __VERSION__,
  };
}
