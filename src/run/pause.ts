/** A run held by its caller: begun and ended from outside, waited for from within. */
export class Pause {
  #over: Promise<void> | undefined;
  #end: () => void = () => {};

  /** Whether runs are held. */
  get on(): boolean {
    return this.#over !== undefined;
  }

  /** Holds runs, from the end of what they have submitted. */
  begin(): void {
    this.#over ??= new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Lets them go on. */
  end(): void {
    this.#over = undefined;
    this.#end();
  }

  /** Until it ends, or the signal is aborted. */
  async over(signal?: AbortSignal): Promise<void> {
    if (!this.#over || signal?.aborted) return;
    let stop: () => void = () => {};
    const aborted = new Promise<void>((resolve) => {
      stop = resolve;
    });
    signal?.addEventListener('abort', stop);
    try {
      await Promise.race([this.#over, aborted]);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
}
