/** One run of the solver and what a picture of it needs, frame by frame. No DOM here. */
import type { SearchOptions } from '../src/api/search-options.ts';
import { readBuffer } from '../src/gpu/buffers.ts';
import {
  type AdapterDescription,
  createSolver,
  type Mixture,
  maximize,
  minimize,
  nva,
  type SearchResult,
  type Snapshot,
} from '../src/index.ts';
import type { Problem } from '../src/problems/problem.ts';
import type { Solver } from '../src/run/solver.ts';
import { planarProblem, type Settings } from './state.ts';

/** The samples of an iteration: draws in the whitened coordinates of the components that they were drawn from. */
export interface Cloud {
  from: Mixture;
  perComponent: number;
  /** Row i of the draws begins at `i * stride`; within a row, component by component. */
  draws: Float32Array;
  stride: number;
}

export interface Frame {
  snapshot: Snapshot;
  /** None before the first iteration. */
  cloud: Cloud | undefined;
}

/** Positions kept of each component. */
const TRAIL_LENGTH = 600;

export class Session {
  readonly settings: Settings;
  readonly problem: Problem;
  /** Where each component has been: `x1 x2` pairs. */
  readonly trails: number[][];
  readonly #solver: Solver;
  #frame: Frame;
  #pending: Promise<unknown> = Promise.resolve();

  private constructor(settings: Settings, problem: Problem, solver: Solver) {
    this.settings = settings;
    this.problem = problem;
    this.#solver = solver;
    this.#frame = { snapshot: solver.snapshot, cloud: undefined };
    this.trails = solver.snapshot.mixture.means.map((mean) => [...mean]);
  }

  static async start(settings: Settings): Promise<Session> {
    const problem = planarProblem(settings.problem);
    const { wgsl, data, box, sense } = problem;
    const { components, samples, seed, cooling, estimator } = settings;
    const method = nva({ cooling, ...(estimator === 'auto' ? {} : { estimator }) });
    const solver = await createSolver({ wgsl, ...(data ? { data } : {}), box, sense }, method, { components, samples, seed });
    return new Session(settings, problem, solver);
  }

  get adapter(): AdapterDescription {
    return this.#solver.engine.gpu.adapter;
  }

  get frame(): Frame {
    return this.#frame;
  }

  get ended(): boolean {
    return this.#frame.snapshot.stopReasons.length > 0;
  }

  /** One frame on. Calls queue up. */
  advance(iterations: number): Promise<Frame> {
    const next = this.#pending.then(() => this.#advance(iterations));
    this.#pending = next.catch(() => {});
    return next;
  }

  async #advance(iterations: number): Promise<Frame> {
    if (this.ended) return this.#frame;
    // The last iteration on its own: its samples belong to the components as they stood before it.
    const before = iterations > 1 ? await this.#solver.step(iterations - 1) : this.#frame.snapshot;
    const snapshot = await this.#solver.step();
    const last = snapshot.iteration > before.iteration ? before : this.#frame.snapshot;
    this.#frame = { snapshot, cloud: await this.#readCloud(last.mixture) };
    snapshot.mixture.means.forEach((mean, k) => {
      const trail = this.trails[k]!;
      trail.push(...mean);
      if (trail.length > 2 * TRAIL_LENGTH) trail.splice(0, trail.length - 2 * TRAIL_LENGTH);
    });
    return this.#frame;
  }

  async #readCloud(from: Mixture): Promise<Cloud | undefined> {
    const { engine } = this.#solver;
    if (engine.plan.batches.length !== 1) return undefined; // the buffer holds a part of the samples only
    const stride = engine.plan.chunkSize;
    const draws = new Float32Array(await readBuffer(engine.gpu.device, engine.buffer('ms_eps'), 4 * stride * engine.dim));
    return { from, perComponent: engine.plan.samples, draws, stride };
  }

  /** Resolves when no frame is under way. */
  async settled(): Promise<void> {
    await this.#pending;
  }

  /** Frees the GPU memory once the work under way is done. */
  async dispose(): Promise<void> {
    await this.settled();
    this.#solver.dispose();
  }
}

/** The whole search (waves, archive, polish) with the library's defaults. */
export function findModes(settings: Settings, options: Pick<SearchOptions, 'signal' | 'onProgress'>): Promise<SearchResult> {
  const { wgsl, data, box, sense, value, gradient } = planarProblem(settings.problem);
  const search = sense === 'maximize' ? maximize : minimize;
  return search({
    wgsl,
    ...(data ? { data } : {}),
    exact: { value, ...(gradient ? { gradient } : {}) },
    box,
    seed: settings.seed,
    ...options,
  });
}
