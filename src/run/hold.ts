/** A run held between its submits, in which single steps may still be made, one after the other. */
import { Pause } from './pause.ts';

export class Hold {
  readonly pause = new Pause();
  #held = false;
  #steps: Promise<unknown> = Promise.resolve();

  /** Nothing is in flight: the run in progress is held. */
  get held(): boolean {
    return this.#held;
  }

  /** The run's own wait, until the pause is over, and the steps that were made in it. @param first done as soon as it is held */
  async over(signal: AbortSignal | undefined, first: () => Promise<void>): Promise<void> {
    this.#held = true;
    try {
      await first();
      await this.pause.over(signal);
    } finally {
      this.#held = false;
      await this.#steps;
    }
  }

  /** Makes a step, or whatever must not meet one, once those before are made. */
  inTurn<T>(make: () => Promise<T>): Promise<T> {
    const step = this.#steps.then(make);
    this.#steps = step.catch(() => {});
    return step;
  }
}
