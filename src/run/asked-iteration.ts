/** One iteration whose objective is the caller: it stops in mid-way, at its points, and goes on when their values are told. */
import { readBuffer } from '../gpu/buffers.ts';
import { ObjectiveError } from '../gpu/errors.ts';
import { tellBatch } from '../objective/host.ts';
import type { ObjectiveBatch } from '../objective/objective.ts';
import type { Engine } from './engine.ts';
import { guarded } from './loop.ts';

/** Points for which values are wanted: `count` rows of `dim` numbers, in user coordinates. */
export interface AskedPoints {
  /** Row by row, `count * dim` numbers. */
  points: Float64Array;
  /** How many values are to be told. */
  count: number;
  /** Numbers of a point. */
  dim: number;
}

export class AskedIteration {
  readonly #engine: Engine;
  readonly #batch: ObjectiveBatch;
  readonly #goOn: () => void;
  readonly #end: Promise<void>;

  private constructor(engine: Engine, batch: ObjectiveBatch, goOn: () => void, end: Promise<void>) {
    this.#engine = engine;
    this.#batch = batch;
    this.#goOn = goOn;
    this.#end = end;
  }

  /** Undefined where the run has ended. */
  static async begin(engine: Engine): Promise<AskedIteration | undefined> {
    let reached: (batch: ObjectiveBatch | undefined) => void = () => {};
    const batchReached = new Promise<ObjectiveBatch | undefined>((resolve) => {
      reached = resolve;
    });
    let told: () => void = () => {};
    const end = engine.iterateWith((batch) => {
      reached(batch);
      return new Promise<void>((resolve) => {
        told = resolve;
      });
    });
    end.then(
      () => reached(undefined),
      () => reached(undefined),
    );
    const batch = await batchReached;
    if (batch) return new AskedIteration(engine, batch, () => told(), end);
    await end;
    return undefined;
  }

  async points(): Promise<AskedPoints> {
    const { gpu } = this.#engine;
    const { points, count, dim } = this.#batch;
    const numbers = new Float32Array(await guarded(gpu, readBuffer(gpu.device, points, 4 * count * dim)));
    return { points: Float64Array.from(numbers), count, dim };
  }

  /** @throws ObjectiveError where there are not as many as asked for; the iteration then waits on */
  tell(values: ArrayLike<number>): void {
    const { count } = this.#batch;
    if (values.length !== count) throw new ObjectiveError(`${count} points were asked for, but ${values.length} values told`);
    tellBatch(this.#batch, values);
  }

  /** To the end of the iteration, with the values told. */
  async finish(): Promise<void> {
    this.#goOn();
    await this.#end;
  }
}
