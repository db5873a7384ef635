/** Keeping checkpoints of a run: the last one in memory, for a device that is lost, and written out from time to time. */
import type { Checkpoint } from './checkpoint.ts';

/** Seconds between checkpoints that nobody said anything of. */
const EVERY = 10;

export class Keeping {
  /** The last state from which the run can go on with the same bits. */
  last: Checkpoint | undefined;
  /** When it was that. */
  lastAt = performance.now();
  readonly #every: number;
  readonly #write: ((checkpoint: Checkpoint) => void | Promise<void>) | undefined;
  #keptAt = performance.now();
  #written: Checkpoint | undefined;

  constructor(every: number | undefined, write?: (checkpoint: Checkpoint) => void | Promise<void>) {
    this.#every = every ?? EVERY;
    this.#write = write;
  }

  /** Whether the next one is to be taken. */
  due(): boolean {
    return performance.now() - this.#keptAt >= 1000 * this.#every;
  }

  async keep(checkpoint: Checkpoint): Promise<void> {
    this.last = checkpoint;
    this.lastAt = performance.now();
    if (!this.due()) return;
    await this.#put(checkpoint);
    // What writing takes is no part of the time between.
    this.#keptAt = performance.now();
  }

  /** At the end, whatever it was: what has not been written yet. */
  async finish(): Promise<void> {
    if (this.last && this.last !== this.#written) await this.#put(this.last);
  }

  async #put(checkpoint: Checkpoint): Promise<void> {
    await this.#write?.(checkpoint);
    this.#written = checkpoint;
  }
}
