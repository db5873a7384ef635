/**
 * Waiting for the GPU without keeping a processor busy. In Node, Dawn's bindings poll without a pause while anything is awaited of them: on
 * a hardware adapter a core for nothing, on a software adapter one that it could compute on (half as many iterations again on two cores,
 * bench/README.md). So the host sleeps through most of what work is expected to take, and asks only then. Browsers are told when it is done.
 */
import type { Gpu } from './device.ts';

const global = globalThis as { process?: { versions?: { node?: string } }; document?: unknown };
const POLLS = global.process?.versions?.node !== undefined && global.document === undefined;

/** Of what is expected, the share that is slept through: the rest is for work that turns out shorter. */
const SLEPT = 0.9;

/** Milliseconds an iteration below which a software adapter is faster while a core is kept awake: its threads hand on work too often. */
const SHORT = 2;

export class Patience {
  readonly #least: number;
  /** Milliseconds an iteration. */
  #each = 0;

  constructor({ adapter }: Gpu) {
    this.#least = adapter.software ? SHORT : 0;
  }

  /**
   * @param begun `performance.now()` when the GPU began with these iterations
   * @param ask for their outcome
   */
  async wait<T>(iterations: number, begun: number, ask: () => Promise<T>): Promise<T> {
    if (!POLLS) return ask();
    const pause = this.#each < this.#least ? 0 : SLEPT * this.#each * iterations - (performance.now() - begun);
    if (pause >= 1) await new Promise((resolve) => setTimeout(resolve, pause));
    const asked = performance.now();
    const result = await ask();
    const now = performance.now();
    // An outcome that is there at once may have been there for long.
    this.#each = pause >= 1 && now - asked < pause / 16 ? this.#each / 2 : (now - begun) / iterations;
    return result;
  }
}
