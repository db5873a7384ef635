/**
 * What a built-in problem is: an objective with known answers, in WGSL for the GPU and in float64 for polishing, scoring
 * and tests. Plain data and pure functions; nothing here touches WebGPU.
 */

/** `[lower, upper]` for every dimension. */
export type Box = readonly (readonly [number, number])[];

/** One objective of a problem's family at a fixed dimension, with what is known about its answers. */
export interface Problem {
  /** Name on the command line, e.g. `styblinski-tang`. */
  readonly name: string;
  /** One line for `modescape problems`. */
  readonly title: string;
  /** Where the definition and the known answers come from (paper, suite, equation). */
  readonly source: string;
  /** The problem's own direction; values and `known` are in this direction. */
  readonly sense: 'minimize' | 'maximize';
  readonly dimension: number;
  readonly box: Box;
  /**
   * WGSL text defining `fn objective(x: Point) -> f32`; with {@link hasGradient} also
   * `fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32`. `Point` is `array<f32, DIM>`.
   */
  readonly wgsl: string;
  readonly hasGradient: boolean;
  /** The WGSL also defines `fn hessian(x: Point, hessian: ptr<function, Hessian>)`, `Hessian` = `array<f32, DIM * DIM>`, row by row. */
  readonly hasHessian: boolean;
  /** Named read-only arrays the WGSL reads (at most three). */
  readonly data?: Readonly<Record<string, Float32Array>>;
  /** The same objective in float64. */
  readonly value: (x: Float64Array) => number;
  /** Its gradient in float64, where it has one; writes into `out`. */
  readonly gradient?: (x: Float64Array, out: Float64Array) => void;
  /** For a density that is maximised: the log of its integral over all of space, where it is known; 0 for a normalised one. */
  readonly logEvidence?: number;
  /** Known answers, where there are any. */
  readonly known?: KnownAnswers;
}

export interface KnownAnswers {
  /** All optima that count, or the global ones when {@link onlyGlobal}. Coordinates in float64. */
  readonly modes: readonly (readonly number[])[];
  /** Value at each of `modes`. */
  readonly values: readonly number[];
  /** True when `modes` lists only the global optima and lesser ones exist. */
  readonly onlyGlobal: boolean;
  /** How the niching suites score this problem (CEC2013): radius and evaluation limit. */
  readonly niching?: { readonly radius: number; readonly count: number; readonly optimum: number; readonly maxEvaluations: number };
}

/** A family of problems: fixed, or of any dimension in a range. */
export interface ProblemFamily {
  readonly name: string;
  readonly title: string;
  readonly sense: 'minimize' | 'maximize';
  /** Default dimension, and the range allowed; `min === max` for fixed ones. */
  readonly dimensions: { readonly default: number; readonly min: number; readonly max: number };
  /** Builds the problem at a dimension. Throws a RangeError for one outside `dimensions`. */
  readonly at: (dimension?: number) => Problem;
}
