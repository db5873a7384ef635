/**
 * One run of one mixture under the caller's control: step, run, watch, ask and tell. The one-call functions are made of many of these
 * and an archive; this is the loop alone.
 */

import type { Gpu } from '../gpu/device.ts';
import { DeviceLostError, OptionError } from '../gpu/errors.ts';
import { uniformStart } from '../mixture/start.ts';
import type { Objective } from '../objective/objective.ts';
import { pointEvaluator } from '../objective/point-evaluators.ts';
import type { Snapshot, StopReason } from '../result/types.ts';
import { AskedIteration, type AskedPoints } from './asked-iteration.ts';
import { type Checkpoint, type SavedCheckpoint, stateFor } from './checkpoint.ts';
import { checkpointToJson, decodeCheckpoint, encodeCheckpoint } from './checkpoint-file.ts';
import type { Survival } from './device-loss.ts';
import { Engine, type EngineState } from './engine.ts';
import { Hold } from './hold.ts';
import type { Identity } from './identity.ts';
import { guarded, type LoopEnd, type LoopOptions, runLoop } from './loop.ts';
import type { Method } from './method.ts';
import { numberOption } from './options.ts';
import { snapshotOf } from './snapshot.ts';
import { captureSolver, type HostState, resumeSolver, solverIdentity, solverLimits } from './solver-state.ts';
import { type TemperatureDraws, temperatureDraws } from './temperature-draws.ts';
import { CHECK_EVERY, type Tolerances, Watch } from './tolerances.ts';
import type { TraceRow } from './trace.ts';
import { chooseFor } from './tuning.ts';
import type { Tuning } from './variants.ts';

export interface SolverSettings extends Survival {
  components: number;
  samples: number;
  seed: number;
  iterations?: number | undefined;
  evaluations?: number | undefined;
  seconds?: number | undefined;
  target?: number | undefined;
  signal?: AbortSignal | undefined;
  stop?: Tolerances | undefined;
  chunkFloats?: number | undefined;
  keepDraws?: boolean | undefined;
  tuning?: Tuning | undefined;
  iterationsPerSubmit?: number | undefined;
}

/** One run of one mixture under the caller's control; {@link createSolver} makes it, `dispose()` frees it. */
export class Solver implements AsyncIterable<Snapshot> {
  #engine: Engine;
  readonly #settings: SolverSettings;
  /** What its checkpoints are checkpoints of. */
  readonly #identity: Identity;
  readonly #trace: TraceRow[] = [];
  /** Points that finding the first temperature took. */
  #before: number;
  #snapshot: Snapshot;
  #disposed = false;
  #busy = false;
  readonly #hold = new Hold();
  /** Who waits for a checkpoint of the run in progress. */
  #saving: { done: (checkpoint: Checkpoint) => void; failed: (error: unknown) => void }[] = [];
  /** Of running, up to the run or the steps in progress; and since when those are. */
  #seconds = 0;
  #began: number | undefined;
  readonly #watch: Watch | undefined;
  #asked: AskedIteration | undefined;

  private constructor(engine: Engine, settings: SolverSettings, identity: Identity, before: number, state: EngineState) {
    this.#engine = engine;
    this.#settings = settings;
    this.#identity = identity;
    this.#before = before;
    this.#snapshot = this.#snapshotOf(state);
    this.#watch = settings.stop && new Watch(settings.stop, settings.samples, this.#snapshot);
  }

  /** @internal */
  static async create(gpu: Gpu, objective: Objective, method: Method, settings: SolverSettings): Promise<Solver> {
    const { checkpoint } = settings;
    const chosen = await chooseFor(gpu, objective, method, settings, settings.tuning, checkpoint);
    const identity = solverIdentity(objective, method, settings, chosen);
    // Another run's is told before anything is compiled.
    if (checkpoint) stateFor(checkpoint, 'solver', identity);
    const engine = await Engine.create(gpu, objective, method, { ...settings, chosen });
    try {
      if (checkpoint) {
        const resumed = resumeSolver(engine, settings, checkpoint, identity);
        const solver = new Solver(engine, settings, identity, resumed.before, await guarded(gpu, engine.read()));
        solver.#adopt(resumed);
        await solver.#read();
        return solver;
      }
      const { components, samples, seed, evaluations = Number.POSITIVE_INFINITY } = settings;
      const start = uniformStart(objective.box.dim, components, seed);
      const { first } = method.temperature;
      const budget = evaluations - engine.plan.evaluations;
      const draws = first === undefined ? temperatureDraws(objective, method, start, samples, seed, budget) : undefined;
      const before = draws?.count ?? 0;
      await engine.start({
        start,
        firstTemperature: first ?? (await firstTemperature(gpu, objective, draws!)),
        ...solverLimits(settings, objective.text.sense, before),
      });
      return new Solver(engine, settings, identity, before, await guarded(gpu, engine.read()));
    } catch (error) {
      engine.dispose();
      throw error;
    }
  }

  /** The engine's own buffers, for views that draw from GPU memory. */
  get engine(): Engine {
    return this.#engine;
  }

  /** The kernel variants that the bits of the run depend on, as results tell them. */
  get variants(): Readonly<Record<string, string>> {
    return this.#engine.variants;
  }

  /** What `tuning: 'auto'` met: variants that failed their trial, each with what was wrong. */
  get warnings(): readonly string[] {
    return this.#engine.warnings;
  }

  /** One row an iteration, so far. */
  get trace(): readonly TraceRow[] {
    return this.#trace;
  }

  /** The state as last read back. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Advances by `iterations` (default 1), fewer if the run ends before, and reads the state back. */
  async step(iterations = 1): Promise<Snapshot> {
    return this.#advance({ iterations: numberOption('iterations', iterations, 1, { min: 1, max: 2 ** 32, whole: true }) });
  }

  /** Runs until a budget, the schedule's end, or the signal. */
  async run(onProgress?: (snapshot: { iteration: number; temperature: number; best: number }) => void): Promise<Snapshot> {
    const { signal, iterationsPerSubmit } = this.#settings;
    const sense = this.#engine.objective.text.sense;
    return this.#advance({
      signal,
      iterationsPerSubmit,
      deadline: this.#deadline,
      rest: { due: () => this.#hold.pause.on, take: () => this.#hold.over(signal, () => this.#serve()) },
      onProgress:
        onProgress &&
        ((control) => onProgress({ iteration: control.iteration, temperature: control.temperature, best: sense * control.best })),
    });
  }

  /**
   * Holds {@link run} after the submits in flight, until {@link resume}; the signal still ends it, and its time goes on. Meanwhile `step()`
   * and `save()` do what they do.
   */
  pause(): void {
    this.#hold.pause.begin();
  }

  /** Lets the run go on. */
  resume(): void {
    this.#hold.pause.end();
  }

  /** Whether it is held. */
  get paused(): boolean {
    return this.#hold.pause.on;
  }

  /**
   * The whole state as a checkpoint: compact bytes, or JSON. During a run it is taken between submits. A solver that is made with it
   * (`createSolver(target, method, { checkpoint })`), or restores it, goes on with the same bits on the same adapter.
   * @throws OptionError between ask() and tell(); DeviceLostError
   */
  save(): Promise<Uint8Array<ArrayBuffer>>;
  save(form: 'json'): Promise<string>;
  async save(form?: 'json'): Promise<Uint8Array<ArrayBuffer> | string> {
    const bytes = encodeCheckpoint(await this.#checkpoint());
    return form === 'json' ? checkpointToJson(bytes) : bytes;
  }

  /**
   * Goes on from a checkpoint of the same problem, method, shape and seed. The solver's own budgets hold, counted from the start of the
   * run that was saved.
   * @throws CheckpointError saying what is wrong or what differs; the solver is then as it was
   */
  async restore(saved: SavedCheckpoint): Promise<Snapshot> {
    this.#usable();
    if (this.#busy || this.#asked) throw new OptionError('this solver is running: restore() before or after');
    const checkpoint = decodeCheckpoint(saved);
    this.#adopt(resumeSolver(this.#engine, this.#settings, checkpoint, this.#identity));
    if (this.#settings.keeping) this.#settings.keeping.last = checkpoint;
    return this.#read();
  }

  /** Snapshots, a submit's worth of iterations apart, until the run ends. The next ones are made when the caller asks for them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Snapshot> {
    const { signal } = this.#settings;
    const deadline = this.#deadline;
    let iterations = 8;
    while (this.#snapshot.stopReasons.length === 0 && !signal?.aborted) {
      const before = performance.now();
      yield await this.#advance({ iterations, deadline, signal });
      const perIteration = (performance.now() - before) / iterations;
      iterations = Math.round(Math.min(256, 2 * iterations, Math.max(1, 50 / Math.max(perIteration, 1e-3))));
    }
  }

  /** The points of the next iteration. Tell their values before asking again. */
  async ask(): Promise<AskedPoints> {
    this.#usable();
    const engine = this.#engine;
    if (engine.objective.kind !== 'ask') throw new OptionError('ask() is for solvers without an objective; this one evaluates its own');
    if (this.#asked) throw new OptionError('tell() the values of the points asked for before asking for more');
    if (this.#snapshot.stopReasons.length > 0)
      throw new OptionError(`the run has ended (${this.#snapshot.stopReasons.join(', ')}); there is nothing to ask`);
    this.#asked = await AskedIteration.begin(engine);
    if (!this.#asked) throw new OptionError('the run has ended; there is nothing to ask');
    return this.#asked.points();
  }

  /** The values of the points asked for, in the user's own sign; not finite ones are counted and given no weight. */
  async tell(values: ArrayLike<number>): Promise<Snapshot> {
    this.#usable();
    const asked = this.#asked;
    if (!asked) throw new OptionError('ask() for points before telling values');
    asked.tell(values);
    this.#busy = true;
    this.#asked = undefined;
    try {
      await asked.finish();
      const state = await guarded(this.#engine.gpu, this.#engine.read());
      this.#watch?.add([state.control]);
      this.#snapshot = this.#snapshotOf(state);
      if (this.#watch && state.control.iteration % CHECK_EVERY === 0 && (await this.#watch.check(this.#snapshot))) {
        this.#snapshot = this.#snapshotOf(state);
      }
      return this.#snapshot;
    } finally {
      this.#busy = false;
      await this.#serve();
    }
  }

  /** Frees the GPU memory. The device stays. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#hold.pause.end();
    this.#engine.dispose();
  }

  /** Seconds of running, from the start of the run. */
  get #elapsed(): number {
    return this.#seconds + (this.#began === undefined ? 0 : (performance.now() - this.#began) / 1000);
  }

  /** `performance.now()` at which the time budget of a run that goes on now is used up. */
  get #deadline(): number | undefined {
    const { seconds } = this.#settings;
    return seconds === undefined ? undefined : performance.now() + 1000 * (seconds - this.#seconds);
  }

  async #advance(options: LoopOptions): Promise<Snapshot> {
    this.#usable();
    if (this.#engine.objective.kind === 'ask') throw new OptionError('this solver has no objective: use ask() and tell()');
    if (this.#hold.held && options.iterations !== undefined) {
      return this.#hold.inTurn(async () => {
        if (this.#watch?.ended) return this.#snapshot;
        await this.#runOn(options);
        return this.#read();
      });
    }
    if (this.#busy) throw new OptionError('this solver is already running: await step() or run() before the next one');
    if (this.#watch?.ended) return this.#snapshot;
    this.#busy = true;
    this.#began = performance.now();
    try {
      const end = await this.#runOn(options);
      const snapshot = await this.#read();
      const own: Partial<Record<typeof end.reason, StopReason>> = { aborted: 'aborted', deadline: 'seconds' };
      const reason = own[end.reason];
      if (reason) this.#snapshot = { ...snapshot, stopReasons: [...snapshot.stopReasons, reason] };
      return this.#snapshot;
    } catch (error) {
      if (error instanceof DeviceLostError) error.snapshot = this.#snapshot;
      throw error;
    } finally {
      this.#busy = false;
      this.#seconds = this.#elapsed;
      this.#began = undefined;
      await this.#serve();
    }
  }

  /** The loop, on another device where one is lost and that is wanted. */
  async #runOn(options: LoopOptions): Promise<LoopEnd> {
    const { keeping, reopen } = this.#settings;
    const { rest } = options;
    const watch = this.#watch;
    const last = this.#trace.at(-1)?.iteration ?? 0;
    const wanted = options.iterations === undefined ? undefined : last + options.iterations;
    for (let losses = 0; ; losses++) {
      const made = this.#trace.at(-1)?.iteration ?? 0;
      try {
        if (keeping && (!keeping.last || keeping.due())) await keeping.keep(await this.#capture());
        return await runLoop(this.#engine, {
          ...options,
          iterations: wanted === undefined ? undefined : wanted - made,
          rest: {
            due: () => this.#saving.length > 0 || keeping?.due() || rest?.due() || false,
            take: async (time) => {
              await this.#serve();
              if (keeping?.due()) await keeping.keep(await this.#capture());
              if (rest?.due()) await rest.take(time);
              this.#usable();
            },
          },
          check: watch && { every: CHECK_EVERY, ends: async () => (await watch.check(await this.#read())) !== undefined },
          onProgress: (control, rows) => {
            this.#trace.push(...rows);
            watch?.add(rows);
            options.onProgress?.(control, rows);
          },
        });
      } catch (error) {
        if (!(error instanceof DeviceLostError) || !reopen || !keeping?.last || losses === MOST_LOSSES) throw error;
        await this.#moveTo(await reopen(), keeping.last);
      }
    }
  }

  /** To another device, with a state of before. */
  async #moveTo(gpu: Gpu, checkpoint: Checkpoint): Promise<void> {
    const { objective, method } = this.#engine;
    const chosen = await chooseFor(gpu, objective, method, this.#settings, this.#settings.tuning, checkpoint);
    const engine = await Engine.create(gpu, objective, method, { ...this.#settings, chosen });
    this.#engine.dispose();
    this.#engine = engine;
    const seconds = this.#seconds;
    this.#adopt(resumeSolver(engine, this.#settings, checkpoint, solverIdentity(objective, method, this.#settings, chosen)));
    // What the lost device took along took its time all the same.
    this.#seconds = seconds;
    await this.#read();
  }

  /** Now, or between the submits of the run in progress. */
  async #checkpoint(): Promise<Checkpoint> {
    this.#usable();
    if (this.#asked) throw new OptionError('tell() the values of the points asked for before save()');
    if (!this.#busy) return this.#capture();
    if (this.#hold.held) return this.#hold.inTurn(() => this.#capture());
    return new Promise((done, failed) => {
      this.#saving.push({ done, failed });
    });
  }

  #capture(): Promise<Checkpoint> {
    const host = { trace: this.#trace, before: this.#before, seconds: this.#elapsed, seen: this.#watch?.seen };
    return captureSolver(this.#engine, this.#identity, host);
  }

  /** Gives a checkpoint to all who wait for one. */
  async #serve(): Promise<void> {
    const waiting = this.#saving.splice(0);
    if (waiting.length === 0) return;
    try {
      this.#usable();
      const checkpoint = await this.#capture();
      for (const { done } of waiting) done(checkpoint);
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }

  #adopt({ trace, before, seconds, seen }: HostState): void {
    if (this.#watch && seen) this.#watch.seen = seen;
    this.#trace.splice(0, this.#trace.length, ...trace);
    this.#before = before;
    this.#seconds = seconds;
  }

  async #read(): Promise<Snapshot> {
    this.#snapshot = this.#snapshotOf(await guarded(this.#engine.gpu, this.#engine.read()));
    return this.#snapshot;
  }

  #snapshotOf(state: EngineState): Snapshot {
    const snapshot = snapshotOf(this.#engine, state);
    const ended = this.#watch?.ended;
    return {
      ...snapshot,
      evaluations: snapshot.evaluations + this.#before,
      stopReasons: ended ? [...snapshot.stopReasons, ended] : snapshot.stopReasons,
    };
  }

  #usable(): void {
    if (this.#disposed) throw new OptionError('this solver has been disposed');
  }
}

/** Losses of a device in one call after which it is the run that loses them. */
const MOST_LOSSES = 3;

async function firstTemperature(gpu: Gpu, objective: Objective, { points, count, temperatureOf }: TemperatureDraws): Promise<number> {
  if (count < 2) throw new OptionError('evaluations do not suffice for one iteration and the two points that give the first temperature');
  const evaluator = await pointEvaluator(gpu, objective);
  if (!evaluator)
    throw new OptionError('a solver without an objective cannot find its first temperature: give the method firstTemperature');
  try {
    return temperatureOf(await guarded(gpu, evaluator.evaluate(points)));
  } finally {
    evaluator.dispose?.();
  }
}
