/** Evaluating on the CPU, in float64: loaded with the first objective that has such a form. */
import { CountingEvaluator } from './counting-evaluator.ts';
import type { Evaluator } from './evaluator.ts';
import { askHost } from './host.ts';
import type { ExactObjective, HostObjective, Objective } from './objective.ts';

class ExactEvaluator extends CountingEvaluator {
  readonly precision = 'f64';
  readonly hasGradient: boolean;
  readonly #exact: ExactObjective;

  constructor(objective: Objective, exact: ExactObjective) {
    super(objective);
    this.#exact = exact;
    this.hasGradient = exact.gradient !== undefined;
  }

  protected override async values(points: Float64Array, count: number): Promise<Float64Array> {
    return Float64Array.from({ length: count }, (_, i) => this.#exact.value(points.slice(i * this.dim, (i + 1) * this.dim)));
  }

  protected override async gradients(points: Float64Array, count: number) {
    const gradients = new Float64Array(count * this.dim);
    for (let i = 0; i < count; i++) {
      const range = [i * this.dim, (i + 1) * this.dim] as const;
      this.#exact.gradient!(points.slice(...range), gradients.subarray(...range));
    }
    return { values: await this.values(points, count), gradients };
  }
}

class HostEvaluator extends CountingEvaluator {
  readonly precision = 'f64';
  readonly hasGradient = false;
  readonly #host: HostObjective;

  constructor(objective: Objective, host: HostObjective) {
    super(objective);
    this.#host = host;
  }

  protected override values(points: Float64Array, count: number): Promise<Float64Array> {
    return askHost(this.#host, points, count, this.dim);
  }
}

/** By the float64 twin, where there is one. */
export const hostEvaluator = (objective: Objective): Evaluator =>
  objective.exact ? new ExactEvaluator(objective, objective.exact) : new HostEvaluator(objective, objective.host!);
