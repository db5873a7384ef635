/** What an inversion gives back: plain data, parameters in physical units. */
import type { AdapterDescription } from '../gpu/device.ts';
import type { Mixture } from '../mixture/mixture.ts';
import type { Transform } from '../objective/prior.ts';
import type { StopReason } from './types.ts';

/** A mode of the fitted posterior: components between which its density does not dip. */
export interface InversionMode {
  /** Mean of the component that fits best, in physical units. */
  x: number[];
  /** Minus misfit and prior there: the log posterior without its normalisers. NaN where the run at `x` failed. */
  value: number;
  /** Standard deviation of each parameter over the mode's components, in physical units (by the slope at `x`, where a parameter has bounds). */
  deviation: number[];
  /** Of that component, in unconstrained coordinates: the parameters themselves where they have no bounds. Rows. */
  covariance: number[][];
  /** Share of the posterior by the mixture's weights. */
  weight: number;
  /** Share by the evidence at its components' means: sum of weight exp(value) / mixture density; of one component alone its Laplace evidence. */
  evidenceWeight: number;
  /** Half the squared noise-whitened residual at `x`: about half the number of data where the model fits. NaN where the run at `x` failed. */
  misfit: number;
  /** The model's predictions at `x`. */
  predictions: number[];
  /** Components that make it up. */
  components: number;
}

/** What {@link invert} gives back: plain data, parameters in physical units. */
export interface InversionResult {
  /** `aborted` where the signal ended the run; what was found until then stands in the result. */
  status: 'success' | 'aborted';
  /** One or two sentences for people. */
  message: string;
  /** What ended the run: one or more. */
  stopReasons: StopReason[];
  /** By falling weight. */
  modes: InversionMode[];
  /** The posterior in unconstrained coordinates (the parameters themselves where they have no bounds). */
  mixture: Mixture;
  /** How each parameter follows from its unconstrained coordinate. */
  transforms: Transform[];
  /** Particles of ensemble methods, in physical units. */
  ensemble?: number[][];
  /** Runs of the forward model, those at the modes in the end too. */
  modelRuns: number;
  /** Of those, runs that gave something that is no number: they were left out. */
  failedRuns: number;
  /** Component steps that failed and were not taken. */
  failedSteps: number;
  /** Components that were removed: they had come to nothing. */
  componentsRemoved: number;
  /** Components that were added to those of the start. */
  componentsAdded: number;
  /** Iterations made. */
  iterations: number;
  /** Present where the method seems to fail: why, and which one copes. */
  hint?: string;
  /** Seconds: `total`, and of them `compile` (the first use of shaders) and `run`; within `run`, `gpu` and `readback`, as in {@link SearchResult}. */
  seconds: { total: number; compile: number; run: number; gpu?: number; readback: number };
  /** As given, or 0. */
  seed: number;
  /** Name of the method. */
  method: string;
  /** What the run was made with, options of the method too. */
  options: Record<string, unknown>;
  /** What it was computed on. */
  adapter: AdapterDescription;
  /** Of methods that fit the density: kernel variants that the bits of the result depend on. */
  variants?: Record<string, string>;
  /** Present where a kernel variant failed its trial (`tuning: 'auto'`): which, and what was wrong. */
  warnings?: string[];
  /** GPU memory held by the run, in bytes. */
  gpuBytes: number;
  /** Version of modescape. */
  version: string;
}
