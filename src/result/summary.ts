/** What a run was worth: whether to believe its modes and its fit, what went wrong on the way, and where the time went. */
import type { InversionResult } from './inversion-types.ts';
import type { SampleResult, SearchResult, StopReason } from './types.ts';

/** What a run was worth: of {@link SearchResult}, {@link SampleResult} and {@link InversionResult} alike. */
export interface RunSummary {
  /** As in the result. */
  status: 'success' | 'aborted';
  /** The result's `message`. */
  outcome: string;
  /** Name of the method. */
  method: string;
  /** What ended the run. */
  stopReasons: StopReason[];
  /** How many modes, and how sure they are. */
  modes: {
    found: number;
    /** Of an inversion undefined. */
    global: number | undefined;
    /** Found by more than one independent start. Of an inversion undefined. */
    foundAgain: number | undefined;
    /** At which several components of the last mixture ended. */
    shared: number;
  };
  /** Modes thought to be still unseen, and their share of all; of one fit alone undefined. */
  unseen: { expected: number; share: number } | undefined;
  /** What became of the mixture's components. */
  components: {
    /** As asked for; undefined for ensembles. */
    started: number | undefined;
    left: number;
    /** Removed: they had come to nothing. */
    deaths: number;
    /** Put in, by methods that change their number. */
    births: number;
    /** Left with less than a hundredth of an equal share of the weight. */
    idle: number;
  };
  /** Calls of the objective, or runs of the forward model. */
  evaluations: number;
  /** Of an inversion undefined. */
  gradientEvaluations: number | undefined;
  /** Iterations made, over all waves. */
  iterations: number;
  /** Annealed waves; of an inversion undefined. */
  waves: number | undefined;
  /** Component steps whose factorisation failed: they were not taken. */
  failedSteps: number;
  /** Values or model runs that were no usable numbers. */
  nonFinite: number;
  /** How good the fit of {@link sample} is; undefined for other results. `draws`: how many it was assessed with. */
  posterior:
    | (Pick<SampleResult, 'elbo' | 'elboStandardError' | 'logEvidence' | 'effectiveSampleSize' | 'paretoK' | 'unusableDraws'> & {
        draws: number;
      })
    | undefined;
  /**
   * `total` and its parts: `compile`, `run`, `polish` where there is one, and `host`, which is what they leave. Within `run`: `gpu`, where it
   * is known, and `readback`.
   */
  seconds: { total: number; compile: number; run: number; polish?: number; host: number; gpu?: number; readback: number };
  /** Name of the adapter; a software one is called one. */
  adapter: string;
  /** What to be wary of, each with what to do about it. */
  warnings: string[];
}

/** A result that can tell its {@link RunSummary}. The method is hidden, so that a result can be cloned, listed and compared as plain data. */
export type Summarised<T> = T & { summary(): RunSummary };

export function withSummary<T extends SearchResult | InversionResult>(result: T): Summarised<T> {
  return Object.defineProperty(result, 'summary', { value: () => summarise(result), configurable: true }) as Summarised<T>;
}

/** The summary of a result, also of one that was read from a file. */
export function summarise(result: SearchResult | SampleResult | InversionResult): RunSummary {
  const search = 'modelRuns' in result ? undefined : result;
  const inversion = 'modelRuns' in result ? result : undefined;
  const fit = 'elbo' in result ? result : undefined;
  const { weights } = result.mixture;
  const started = typeof result.options.components === 'number' ? result.options.components : undefined;
  const { total, gpu, readback, ...parts } = result.seconds;
  const { description, vendor, architecture, software } = result.adapter;
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed';
  const summary: RunSummary = {
    status: result.status,
    outcome: result.message,
    method: result.method,
    stopReasons: result.stopReasons,
    modes: {
      found: result.modes.length,
      global: search?.modes.filter(({ global }) => global).length,
      foundAgain: search?.modes.filter(({ found }) => found > 1).length,
      shared: inversion ? inversion.modes.filter(({ components }) => components > 1).length : sharedModes(search!),
    },
    // One mixture alone tells nothing of how often a mode is found again.
    unseen: search && !fit && search.options.waves !== 1 ? search.unseen : undefined,
    components: {
      started,
      left: weights.length,
      deaths: result.componentsRemoved,
      births: result.componentsAdded,
      idle: weights.filter((weight) => weight * weights.length < 0.01).length,
    },
    evaluations: search?.evaluations ?? inversion!.modelRuns,
    gradientEvaluations: search?.gradientEvaluations,
    iterations: result.iterations,
    waves: search?.waves,
    failedSteps: result.failedSteps,
    nonFinite: search?.nonFinite ?? inversion!.failedRuns,
    posterior: fit && {
      elbo: fit.elbo,
      elboStandardError: fit.elboStandardError,
      logEvidence: fit.logEvidence,
      effectiveSampleSize: fit.effectiveSampleSize,
      paretoK: fit.paretoK,
      unusableDraws: fit.unusableDraws,
      draws: fit.weightedDraws.points.length,
    },
    seconds: {
      total,
      ...parts,
      host: Math.max(0, total - Object.values(parts).reduce((sum, part) => sum + part, 0)),
      ...(gpu === undefined ? {} : { gpu }),
      readback,
    },
    adapter: software ? `${name}, software adapter (CPU)` : name,
    warnings: [],
  };
  summary.warnings = [...warningsOf(summary, inversion?.hint), ...(result.warnings ?? [])];
  return summary;
}

/** Draws that nearly all count: then the tail's shape does not matter. */
const NEARLY_ALL = 0.99;

function warningsOf(summary: RunSummary, hint: string | undefined): string[] {
  const { unseen, posterior, nonFinite, evaluations, failedSteps, iterations, components, seconds } = summary;
  const warnings: string[] = [];
  if (summary.status === 'aborted') warnings.push('the run was stopped before its end');
  if (unseen && unseen.expected >= 0.5 && summary.modes.found > 0) {
    warnings.push(`about ${Math.ceil(unseen.expected)} more modes may be unseen: give more evaluations`);
  }
  if (nonFinite > 0.01 * evaluations) {
    warnings.push(
      `${((100 * nonFinite) / evaluations).toFixed(1)} % of the values were not finite: check the objective for log, sqrt and division`,
    );
  }
  if (failedSteps > 0.05 * iterations * Math.max(components.left, 1)) {
    warnings.push('many component steps failed: give more samples, or a smaller rate');
  }
  if (posterior) {
    const { paretoK, effectiveSampleSize, draws, unusableDraws } = posterior;
    if (!(paretoK < 0.7) && effectiveSampleSize < NEARLY_ALL * draws) {
      warnings.push(
        `Pareto k is ${paretoK.toFixed(2)}, 0.7 and above: the evidence and its error are not to be trusted; give more components or iterations`,
      );
    }
    if (effectiveSampleSize < 0.01 * draws) warnings.push('hardly any draws from the fit count: it misses most of the mass');
    if (unusableDraws > 0) warnings.push(`${unusableDraws} draws from the fit have no usable density`);
  }
  if (hint) warnings.push(hint);
  if (seconds.compile > 0.5 * seconds.total && seconds.total > 2) {
    warnings.push('most of the time went into compiling: call warmup() first, or run again on the same device');
  }
  return warnings;
}

/** Modes within three standard deviations of which two or more components ended, each counted for the nearest. */
function sharedModes({ modes, mixture: { means, covariances } }: SearchResult): number {
  const counts = new Map<number, number>();
  means.forEach((mean, k) => {
    let nearest = -1;
    let least = 9 * mean.length;
    modes.forEach(({ x, covariance }, m) => {
      const square = mean.reduce((sum, value, i) => {
        const variance = Math.max(covariances[k]![i]![i]!, covariance[i]![i]!, Number.MIN_VALUE);
        return sum + (value - x[i]!) ** 2 / variance;
      }, 0);
      if (square < least) [nearest, least] = [m, square];
    });
    if (nearest >= 0) counts.set(nearest, (counts.get(nearest) ?? 0) + 1);
  });
  return [...counts.values()].filter((count) => count > 1).length;
}
