/** How many iterations a frame holds, and how fast particles move: both from when frames came back. */

/** A frame's iterations are to take no longer, so that the page stays responsive. */
const FRAME_BUDGET = 24;
/** Over which speeds are averaged. */
const WINDOW = 1500;

export class Pace {
  #done: { at: number; iterations: number; evaluations: number; gpu: number | undefined }[] = [];
  #perIteration: number | undefined;

  /** A frame came back: `elapsed` since it was submitted or the one before it came back, whichever is later. */
  record(frame: { iterations: number; evaluations: number; elapsed: number; gpu: number | undefined }): void {
    if (frame.iterations === 0) return;
    const now = performance.now();
    const cost = (frame.gpu ?? frame.elapsed) / frame.iterations;
    this.#perIteration = this.#perIteration === undefined ? cost : 0.7 * this.#perIteration + 0.3 * cost;
    this.#done.push({ at: now, iterations: frame.iterations, evaluations: frame.evaluations, gpu: frame.gpu });
    this.#done = this.#done.filter(({ at }) => now - at <= WINDOW);
  }

  /** Iterations for the next frame: as many as are wanted, as long as they fit the budget. */
  iterations(wanted: number): number {
    if (this.#perIteration === undefined) return 1;
    return Math.max(1, Math.min(wanted, Math.floor(FRAME_BUDGET / Math.max(this.#perIteration, 1e-3))));
  }

  /** Particle-iterations a second; undefined until two frames are back. */
  get particleRate(): number | undefined {
    const [first, ...later] = this.#done;
    const last = later.at(-1);
    if (!first || !last || last.at <= first.at) return undefined;
    return (1000 * later.reduce((sum, { evaluations }) => sum + evaluations, 0)) / (last.at - first.at);
  }

  /** GPU milliseconds an iteration: the median, since a busy machine holds up a frame now and then. */
  get gpuMilliseconds(): number | undefined {
    const times = this.#done.flatMap(({ gpu, iterations }) => (gpu === undefined ? [] : [gpu / iterations])).sort((a, b) => a - b);
    return times[times.length >> 1];
  }

  /** After a pause: what was measured before it says nothing of the speed now. */
  rest(): void {
    this.#done = [];
  }
}
