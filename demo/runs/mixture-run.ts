/** A run of a method that looks at values of an objective, by the library's solver. */
import { createSolver, type MethodSpec, type Snapshot, type SolverTarget } from '../../src/index.ts';
import type { ControlValues } from '../../src/kernels/state.ts';
import type { Engine } from '../../src/run/engine.ts';
import { snapshotOf } from '../../src/run/snapshot.ts';
import type { Solver } from '../../src/run/solver.ts';
import type { ReadState, Run } from './run.ts';
import { type Placing, type Samples, samplesOf } from './samples.ts';

export interface MixtureShape {
  components: number;
  samples: number;
  seed: number;
  iterations?: number | undefined;
}

export class MixtureRun implements Run {
  readonly samples: Samples | undefined;
  /** Search coordinates are what views draw. */
  readonly placing: Placing;
  readonly #solver: Solver;
  /** Evaluations before the first iteration. */
  readonly #before: number;

  private constructor(solver: Solver) {
    this.#solver = solver;
    this.#before = solver.snapshot.evaluations;
    this.samples = samplesOf(solver.engine);
    const { dim } = this;
    this.placing = { scale: Array<number>(dim).fill(1), shift: Array<number>(dim).fill(0) };
  }

  static async start(target: SolverTarget, method: MethodSpec, { iterations, ...shape }: MixtureShape): Promise<MixtureRun> {
    const budget = iterations === undefined ? {} : { iterations };
    return new MixtureRun(await createSolver(target, method, { ...shape, ...budget, keepDraws: true }));
  }

  get #engine(): Engine {
    return this.#solver.engine;
  }

  get gpu() {
    return this.#engine.gpu;
  }

  get dim(): number {
    return this.#engine.dim;
  }

  get components(): number {
    return this.#engine.components;
  }

  get sense(): 1 | -1 {
    return this.#engine.objective.text.sense;
  }

  get shared(): boolean {
    return this.#engine.method.weights.kind === 'reward';
  }

  get first(): Snapshot {
    return this.#solver.snapshot;
  }

  get buffers() {
    const [control, trace] = this.#engine.progressBuffers;
    return { components: this.#engine.buffer('ms_components'), factors: this.#engine.buffer('ms_factors'), control, trace };
  }

  encode(encoder: GPUCommandEncoder, iterations: number): void {
    this.#engine.encode(encoder, iterations);
  }

  observe(control: ControlValues): void {
    this.#engine.observe(control);
  }

  snapshotOf(state: ReadState): Snapshot {
    const snapshot = snapshotOf(this.#engine, state);
    return { ...snapshot, evaluations: snapshot.evaluations + this.#before };
  }

  dispose(): void {
    this.#solver.dispose();
  }
}
