/** What evaluators share: counting, the sign, and walls where there is no value. */
import type { Evaluator } from './evaluator.ts';
import type { Objective } from './objective.ts';

export abstract class CountingEvaluator implements Evaluator {
  abstract readonly precision: 'f64' | 'f32';
  abstract readonly hasGradient: boolean;
  readonly dim: number;
  evaluations = 0;
  gradientEvaluations = 0;
  protected readonly sense: 1 | -1;

  constructor(objective: Objective) {
    this.dim = objective.box.dim;
    this.sense = objective.text.sense;
  }

  protected abstract values(points: Float64Array, count: number): Promise<ArrayLike<number>>;
  protected gradients?(points: Float64Array, count: number): Promise<{ values: ArrayLike<number>; gradients: ArrayLike<number> }>;

  async evaluate(points: Float64Array): Promise<Float64Array> {
    const count = points.length / this.dim;
    if (count === 0) return new Float64Array(0);
    this.evaluations += count;
    return this.#signed(await this.values(points, count));
  }

  async evaluateWithGradient(points: Float64Array): Promise<{ values: Float64Array; gradients: Float64Array }> {
    const count = points.length / this.dim;
    if (count === 0) return { values: new Float64Array(0), gradients: new Float64Array(0) };
    this.evaluations += count;
    this.gradientEvaluations += count;
    const raw = await this.gradients!(points, count);
    const values = this.#signed(raw.values);
    const gradients = Float64Array.from(raw.gradients, (entry) => this.sense * entry);
    for (let i = 0; i < count; i++) {
      if (!gradients.subarray(i * this.dim, (i + 1) * this.dim).every(Number.isFinite)) values[i] = Number.NEGATIVE_INFINITY;
    }
    return { values, gradients };
  }

  #signed(raw: ArrayLike<number>): Float64Array {
    return Float64Array.from(raw, (value) =>
      Number.isFinite(value) && Math.abs(value) < 1e30 ? this.sense * value : Number.NEGATIVE_INFINITY,
    );
  }
}
