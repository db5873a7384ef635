/**
 * Evaluating given points, away from the main loop: start candidates, polish, hill-valley checks.
 *
 * Values are always in the direction of maximisation (a minimised objective comes negated), coordinates are the user's own.
 */
export interface Evaluator {
  readonly dim: number;
  /** `f64`: the objective runs in float64 (host function, built-in twin). `f32`: it runs as WGSL. */
  readonly precision: 'f64' | 'f32';
  /** Whether {@link evaluateWithGradient} is there. */
  readonly hasGradient: boolean;
  /**
   * Values at `count = points.length / dim` points, row by row. Non-finite values come back as `-Infinity`.
   * Every point counts as one evaluation.
   */
  evaluate(points: Float64Array): Promise<Float64Array>;
  /** Values and gradients (row by row); present when {@link hasGradient}. A non-finite gradient comes with value `-Infinity`. */
  evaluateWithGradient?(points: Float64Array): Promise<{ values: Float64Array; gradients: Float64Array }>;
  /** Points evaluated so far through this evaluator, and how many of them with their gradient. */
  readonly evaluations: number;
  readonly gradientEvaluations: number;
}
