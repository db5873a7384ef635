/** What a built-in inverse problem is: a forward model on the GPU, its float64 twin, data, noise and prior. Plain data and functions. */
import type { BufferForward } from '../objective/forward.ts';

export interface InversionProblem {
  /** Name on the command line. */
  readonly name: string;
  readonly title: string;
  /** Where the definition comes from (paper, section of the sheet). */
  readonly source: string;
  readonly dimension: number;
  readonly observations: number;
  /** The data y. */
  readonly data: readonly number[];
  /** Standard deviation of the noise: one, or one for each datum. */
  readonly noise: number | readonly number[];
  /** Gaussian prior, the same numbers for all parameters or one for each; none where the data rows hold it. */
  readonly prior?: { readonly mean: number | readonly number[]; readonly deviation: number | readonly number[] };
  /** `fn forward(theta: Point, y: ptr<function, Observation>)`, `Observation` = `array<f32, OBSERVATIONS>`. One of this and `buffers`. */
  readonly wgsl?: string;
  readonly buffers?: BufferForward;
  /** The same model in float64: predictions for one parameter vector. */
  readonly twin: (theta: Float64Array) => Float64Array;
}
