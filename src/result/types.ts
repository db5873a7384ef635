/** What a search gives back: plain data, in the user's coordinates and in the direction they asked for. */
import type { AdapterDescription } from '../gpu/device.ts';
import type { Mixture } from '../mixture/mixture.ts';

/** A strict local optimum over the closed box. */
export interface Mode {
  /** The point, d numbers in the user's coordinates. */
  x: number[];
  /** The objective there, in the user's own sign. */
  value: number;
  /** As good as the best: within 1e-4 max(1, |best|) of its value. */
  global: boolean;
  /**
   * Inverse curvature: the covariance of the Laplace approximation at temperature 1. Rows. With many axes or modes, or no budget left,
   * what the search last knew of it: the covariance of the component that led here, over the temperature, or else a diagonal.
   */
  covariance: number[][];
  /** Share of the Laplace masses of all modes at temperature 1. */
  weight: number;
  /** Weight of the mixture component that led here; undefined when a start candidate did. */
  componentWeight: number | undefined;
  /** Arithmetic the mode was polished in. */
  polished: 'f64' | 'f32' | 'none';
  /** How many independent starts ended here. */
  found: number;
  /** Evaluations spent when it was first found. */
  foundAt: number;
}

/**
 * What ended a run: a budget, the signal, a {@link ToleranceName}, or its own rule.
 *
 * - `all modes found`: twice in a row hardly any mode can be unseen (by estimate less than 5 %)
 * - `no mode in sight`: several waves went by without one
 * - `final temperature`: the schedule is at its end
 * - `settled`: components or particles have come to rest
 * - `no usable values`: the objective gave none
 */
export type StopReason =
  | 'all modes found'
  | 'no mode in sight'
  | 'waves'
  | 'iterations'
  | 'evaluations'
  | 'seconds'
  | 'target'
  | 'final temperature'
  | 'settled'
  | 'no usable values'
  | 'aborted'
  | ToleranceName;

/** Ends by a run's own progress, as pycma calls them; see `stop`. */
export type ToleranceName =
  | 'tolfun'
  | 'tolfunhist'
  | 'tolfunrel'
  | 'tolx'
  | 'tolfacupx'
  | 'tolupsigma'
  | 'tolconditioncov'
  | 'tolflatfitness'
  | 'tolstagnation'
  | 'tolxstagnation'
  | 'termination';

/** What {@link minimize} and {@link maximize} give back: plain data. */
export interface SearchResult {
  /** `aborted` where the signal ended the run; what was found until then stands in the result. */
  status: 'success' | 'aborted';
  /** One or two sentences for people. */
  message: string;
  /** What ended the run: one or more. */
  stopReasons: StopReason[];
  /** Every mode found, best first. */
  modes: Mode[];
  /** The Gaussian mixture of the last wave. */
  mixture: Mixture;
  /** The best point evaluated or polished. */
  best: { x: number[]; value: number };
  /** Points at which the objective was called: search, candidates, polish, checks. Exact. */
  evaluations: number;
  /** Of `evaluations`, those that gave a gradient too. */
  gradientEvaluations: number;
  /** Samples whose value was not a usable number. */
  nonFinite: number;
  /** Component steps that failed and were not taken. */
  failedSteps: number;
  /** Components that were removed: they had come to nothing. */
  componentsRemoved: number;
  /** Components that were added to those of the start. */
  componentsAdded: number;
  /** Over all waves. */
  iterations: number;
  /** Annealed waves. */
  waves: number;
  /**
   * Modes thought to be still unseen, from how often the known ones were found again, and their share of all: the larger of Chao's estimate
   * (1984) and that of Good and Turing (Good 1953).
   */
  unseen: { expected: number; share: number };
  /**
   * Seconds: `total`, and of them `compile` (the first use of shaders), `run` (annealing) and `polish`. Within `run`: `gpu`, how long the GPU
   * worked, by its own clock (absent where the device has none, or where iterations wait for work that is not in their own submits, as host
   * functions are); and `readback`, how long the host waited for what it read back, the GPU's work included. Of a run that was gone on with,
   * all but `compile` from its start.
   */
  seconds: { total: number; compile: number; run: number; polish: number; gpu?: number; readback: number };
  /** As given, or 0. */
  seed: number;
  /** Name of the method. */
  method: string;
  /** What the run was made with, options of the method too. */
  options: Record<string, unknown>;
  /** In which direction the objective was improved. */
  sense: 'maximize' | 'minimize';
  /** What it was computed on. */
  adapter: AdapterDescription;
  /** Arithmetic of the search, and the best in which any mode was polished. */
  precision: { search: 'f32'; polish: 'f64' | 'f32' | 'none' };
  /** Kernel variants that the bits of the result depend on, and by which `tuning` they were chosen. */
  variants: Record<string, string>;
  /** Present where a kernel variant failed its trial (`tuning: 'auto'`): which, and what was wrong. */
  warnings?: string[];
  /** GPU memory held by the search, in bytes. */
  gpuBytes: number;
  /** Version of modescape. */
  version: string;
}

/** What a fitted mixture says of the posterior, by importance sampling from it. */
export interface PosteriorSummary {
  /**
   * Mean of log p - log q over draws from the fit, and its standard error: a lower bound on the log evidence, as long as
   * `unusableDraws` is 0.
   */
  elbo: number;
  /** Of `elbo`, over the draws. */
  elboStandardError: number;
  /** Logarithm of the integral of exp(objective), over all of space or, bounded, over the box. */
  logEvidence: { value: number; standardError: number };
  /** Of the importance weights w of the draws: (sum w)^2 / sum w^2, at most as many as there are draws. */
  effectiveSampleSize: number;
  /** Below 0.7 the evidence and its error can be trusted (Vehtari et al. 2024). */
  paretoK: number;
  /** Draws at which the objective gave no usable value: they count as having no density, and are left out of the ELBO. */
  unusableDraws: number;
  /** Draws from the fit with normalised, Pareto-smoothed importance weights, and the objective's values there (NaN where unusable). */
  weightedDraws: { points: number[][]; logWeights: number[]; values: number[] };
  /** Draws resampled by those weights: they all count alike, and stand in random order. */
  draws: number[][];
  /** The objective at each of `draws`: log density up to the evidence. */
  drawValues: number[];
}

/**
 * What fitting a posterior gives back. `mixture` is the fit in the user's coordinates; of a bounded density, whose fit is Gaussian before space is mapped into the box, only what
 * it looks like near each mean.
 */
export interface SampleResult extends SearchResult, PosteriorSummary {}

/** The state of a run at one moment. */
export interface Snapshot {
  /** Iterations made. */
  iteration: number;
  /** Points evaluated. */
  evaluations: number;
  /** omega. */
  temperature: number;
  /** Pooled standard deviation of the objective within components. */
  spread: number;
  /** The mixture in the user's coordinates. */
  mixture: Mixture;
  /** The best point seen, its value in the user's own sign. */
  best: { x: number[]; value: number };
  /** Samples whose value was not a usable number. */
  nonFinite: number;
  /** Component steps that failed and were not taken. */
  failedSteps: number;
  /** Components that were removed: they had come to nothing. */
  componentsRemoved: number;
  /** Components that were added to those of the start. */
  componentsAdded: number;
  /** Empty while it runs. */
  stopReasons: StopReason[];
  /** Modes archived so far, of a search in waves. */
  modes?: { x: number[]; value: number }[];
}
