/**
 * One run of one mixture under the caller's control: step, run, watch, ask and tell. The one-call functions are made of many of these
 * and an archive; this is the loop alone.
 */

import { readBuffer } from '../gpu/buffers.ts';
import type { Gpu } from '../gpu/device.ts';
import { DeviceLostError, ObjectiveError, OptionError } from '../gpu/errors.ts';
import { purpose, RandomStream } from '../mixture/random.ts';
import { type Start, uniformStart } from '../mixture/start.ts';
import { toUser } from '../objective/boundary.ts';
import { type Objective, type ObjectiveBatch, tellBatch } from '../objective/objective.ts';
import { pointEvaluator } from '../objective/point-evaluators.ts';
import type { Snapshot, StopReason } from '../result/types.ts';
import { uniformPoints } from './candidates.ts';
import { type Checkpoint, mismatch, type SavedCheckpoint, type State, stateFor } from './checkpoint.ts';
import { checkpointToJson, decodeCheckpoint, encodeCheckpoint } from './checkpoint-file.ts';
import type { Survival } from './device-loss.ts';
import { Engine, type EngineState } from './engine.ts';
import { temperatureOf } from './first-temperature.ts';
import { type Identity, layoutIdentity, methodIdentity, objectiveIdentity } from './identity.ts';
import { guarded, type LoopEnd, type LoopOptions, runLoop } from './loop.ts';
import type { Method } from './method.ts';
import { numberOption } from './options.ts';
import { Pause } from './pause.ts';
import { checkEngine, loadEngine, type SavedBuffers, savedControl, saveEngine } from './persistent.ts';
import { slopeDraws } from './slope-temperature.ts';
import { snapshotOf } from './snapshot.ts';
import { CHECK_EVERY, type Seen, type Tolerances, Watch } from './tolerances.ts';
import { packTrace, type TraceRow, unpackTrace } from './trace.ts';

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
  iterationsPerSubmit?: number | undefined;
}

/** What a solver's checkpoint holds. */
interface SolverState {
  buffers: SavedBuffers;
  trace: Float32Array;
  before: number;
  seen: Seen | undefined;
}

/** Points for which values are wanted: `count` rows of `dim` numbers, in user coordinates. */
export interface AskedPoints {
  /** Row by row, `count * dim` numbers. */
  points: Float64Array;
  /** How many values are to be told. */
  count: number;
  /** Numbers of a point. */
  dim: number;
}

/** One run of one mixture under the caller's control; {@link createSolver} makes it, `dispose()` frees it. */
export class Solver implements AsyncIterable<Snapshot> {
  #engine: Engine;
  readonly #settings: SolverSettings;
  readonly #trace: TraceRow[] = [];
  /** Points that finding the first temperature took. */
  #before: number;
  #snapshot: Snapshot;
  #disposed = false;
  #busy = false;
  readonly #pause = new Pause();
  /** Nothing is in flight: the run in progress is held by a pause. */
  #held = false;
  /** Steps made while it is. */
  #stepping: Promise<unknown> = Promise.resolve();
  /** Who waits for a checkpoint of the run in progress. */
  #saving: { done: (checkpoint: Checkpoint) => void; failed: (error: unknown) => void }[] = [];
  /** Seconds of running, and how many of them a checkpoint brought along. */
  #seconds = 0;
  #secondsBefore = 0;
  readonly #watch: Watch | undefined;
  #asked: { batch: ObjectiveBatch; told: () => void; iteration: Promise<void> } | undefined;

  private constructor(engine: Engine, settings: SolverSettings, before: number, state: EngineState) {
    this.#engine = engine;
    this.#settings = settings;
    this.#before = before;
    this.#snapshot = this.#snapshotOf(state);
    this.#watch = settings.stop && new Watch(settings.stop, settings.samples, this.#snapshot);
  }

  /** @internal */
  static async create(gpu: Gpu, objective: Objective, method: Method, settings: SolverSettings): Promise<Solver> {
    const { checkpoint } = settings;
    // Another run's is told before anything is compiled.
    if (checkpoint) stateFor(checkpoint, 'solver', identityOf(objective, method, settings));
    const engine = await Engine.create(gpu, objective, method, settings);
    try {
      if (checkpoint) {
        const resumed = resume(engine, settings, checkpoint);
        const solver = new Solver(engine, settings, resumed.before, await guarded(gpu, engine.read()));
        solver.#adopt(resumed);
        await solver.#read();
        return solver;
      }
      const sense = objective.text.sense;
      const { evaluations = Number.POSITIVE_INFINITY } = settings;
      const start = uniformStart(objective.box.dim, settings.components, settings.seed);
      const { first } = method.temperature;
      const draws = first === undefined ? temperatureDraws(engine, start, settings.seed, evaluations - engine.plan.evaluations) : undefined;
      const before = draws?.count ?? 0;
      await engine.start({
        start,
        firstTemperature: first ?? (await firstTemperature(gpu, objective, draws!)),
        maxIterations: settings.iterations,
        maxEvaluations: settings.evaluations === undefined ? undefined : settings.evaluations - before,
        targetValue: settings.target === undefined ? undefined : sense * settings.target,
      });
      return new Solver(engine, settings, before, await guarded(gpu, engine.read()));
    } catch (error) {
      engine.dispose();
      throw error;
    }
  }

  /** The engine's own buffers, for views that draw from GPU memory. */
  get engine(): Engine {
    return this.#engine;
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
    const { seconds, signal, iterationsPerSubmit } = this.#settings;
    const sense = this.#engine.objective.text.sense;
    return this.#advance({
      signal,
      iterationsPerSubmit,
      deadline: seconds === undefined ? undefined : performance.now() + 1000 * (seconds - this.#secondsBefore),
      rest: { due: () => this.#pause.on, take: () => this.#hold(signal) },
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
    this.#pause.begin();
  }

  /** Lets the run go on. */
  resume(): void {
    this.#pause.end();
  }

  /** Whether it is held. */
  get paused(): boolean {
    return this.#pause.on;
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
    this.#adopt(resume(this.#engine, this.#settings, checkpoint));
    if (this.#settings.keeping) this.#settings.keeping.last = checkpoint;
    return this.#read();
  }

  /** Snapshots, a submit's worth of iterations apart, until the run ends. The next ones are made when the caller asks for them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Snapshot> {
    const begun = performance.now();
    let iterations = 8;
    while (this.#snapshot.stopReasons.length === 0 && !this.#settings.signal?.aborted) {
      const before = performance.now();
      yield await this.step(iterations);
      if (this.#settings.seconds !== undefined && before - begun > 1000 * this.#settings.seconds) break;
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
    // The iteration stops in mid-way, at its objective, and goes on when the values are told.
    let reached: (batch: ObjectiveBatch | undefined) => void = () => {};
    const batchReached = new Promise<ObjectiveBatch | undefined>((resolve) => {
      reached = resolve;
    });
    let told: () => void = () => {};
    const iteration = engine.iterateWith((batch) => {
      reached(batch);
      return new Promise<void>((resolve) => {
        told = resolve;
      });
    });
    iteration.then(
      () => reached(undefined),
      () => reached(undefined),
    );
    const ready = await batchReached;
    if (!ready) {
      await iteration;
      throw new OptionError('the run has ended; there is nothing to ask');
    }
    this.#asked = { batch: ready, told: () => told(), iteration };
    const { gpu } = engine;
    const points = new Float32Array(await guarded(gpu, readBuffer(gpu.device, ready.points, 4 * ready.count * ready.dim)));
    return { points: Float64Array.from(points), count: ready.count, dim: ready.dim };
  }

  /** The values of the points asked for, in the user's own sign; not finite ones are counted and given no weight. */
  async tell(values: ArrayLike<number>): Promise<Snapshot> {
    this.#usable();
    const asked = this.#asked;
    if (!asked) throw new OptionError('ask() for points before telling values');
    if (values.length !== asked.batch.count)
      throw new ObjectiveError(`${asked.batch.count} points were asked for, but ${values.length} values told`);
    tellBatch(asked.batch, values);
    this.#busy = true;
    this.#asked = undefined;
    try {
      asked.told();
      await asked.iteration;
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
    this.#pause.end();
    this.#engine.dispose();
  }

  async #advance(options: LoopOptions): Promise<Snapshot> {
    this.#usable();
    if (this.#engine.objective.kind === 'ask') throw new OptionError('this solver has no objective: use ask() and tell()');
    if (this.#held && options.iterations !== undefined) return this.#stepWhileHeld(options);
    if (this.#busy) throw new OptionError('this solver is already running: await step() or run() before the next one');
    if (this.#watch?.ended) return this.#snapshot;
    this.#busy = true;
    const began = performance.now();
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
      this.#seconds += (performance.now() - began) / 1000;
      await this.#serve();
    }
  }

  /** Until the pause is over, and the steps that were made in it. Whoever waits for a checkpoint gets it now. */
  async #hold(signal: AbortSignal | undefined): Promise<void> {
    this.#held = true;
    try {
      await this.#serve();
      await this.#pause.over(signal);
    } finally {
      this.#held = false;
      await this.#stepping;
    }
  }

  async #stepWhileHeld(options: LoopOptions): Promise<Snapshot> {
    const before = this.#stepping;
    const step = before.then(async () => {
      if (this.#watch?.ended) return this.#snapshot;
      await this.#runOn(options);
      return this.#read();
    });
    this.#stepping = step.catch(() => {});
    return step;
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
            take: async () => {
              await this.#serve();
              if (keeping?.due()) await keeping.keep(await this.#capture());
              if (rest?.due()) await rest.take();
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
    const engine = await Engine.create(gpu, objective, method, this.#settings);
    this.#engine.dispose();
    this.#engine = engine;
    const seconds = this.#secondsBefore;
    this.#adopt(resume(engine, this.#settings, checkpoint));
    this.#secondsBefore = seconds;
    await this.#read();
  }

  /** Now, or between the submits of the run in progress. */
  async #checkpoint(): Promise<Checkpoint> {
    this.#usable();
    if (this.#asked) throw new OptionError('tell() the values of the points asked for before save()');
    if (!this.#busy) return this.#capture();
    if (this.#held) return this.#stepping.then(() => this.#capture());
    return new Promise((done, failed) => {
      this.#saving.push({ done, failed });
    });
  }

  async #capture(): Promise<Checkpoint> {
    const { gpu, objective, method } = this.#engine;
    const buffers = await guarded(gpu, saveEngine(this.#engine));
    const { iteration, evaluations } = savedControl(buffers);
    return {
      kind: 'solver',
      version: __VERSION__,
      adapter: gpu.adapter,
      identity: identityOf(objective, method, this.#settings),
      iteration,
      evaluations: evaluations + this.#before,
      seconds: this.#seconds,
      state: { buffers, trace: packTrace(this.#trace), before: this.#before, seen: structuredClone(this.#watch?.seen) as unknown as State },
    };
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

  #adopt({ trace, before, seconds, seen }: Resumed): void {
    if (this.#watch && seen) this.#watch.seen = seen;
    this.#trace.splice(0, this.#trace.length, ...trace);
    this.#before = before;
    this.#seconds = this.#secondsBefore = seconds;
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

const identityOf = (objective: Objective, method: Method, { components, samples, seed }: SolverSettings): Identity => ({
  ...objectiveIdentity(objective),
  ...methodIdentity(method),
  components,
  samples,
  seed,
  ...layoutIdentity(),
});

/** Losses of a device in one call after which it is the run that loses them. */
const MOST_LOSSES = 3;

/** What of a checkpoint lives on the host. */
interface Resumed {
  trace: TraceRow[];
  before: number;
  seconds: number;
  seen: Seen | undefined;
}

/** Checks all of a checkpoint, then sets the engine to it. @throws CheckpointError */
function resume(engine: Engine, settings: SolverSettings, checkpoint: Checkpoint): Resumed {
  const { objective, method } = engine;
  const { buffers, trace, before, seen } = stateFor<SolverState>(checkpoint, 'solver', identityOf(objective, method, settings));
  checkEngine(engine, buffers);
  const rows = unpackTrace(trace) ?? mismatch('the trace');
  if (!Number.isSafeInteger(before) || before < 0) mismatch('the evaluations before the first iteration');
  const { iterations, evaluations, target } = settings;
  loadEngine(engine, buffers, {
    maxIterations: iterations,
    maxEvaluations: evaluations === undefined ? undefined : Math.max(evaluations - before, 0),
    targetValue: target === undefined ? undefined : objective.text.sense * target,
  });
  return { trace: rows, before, seconds: checkpoint.seconds, seen: structuredClone(seen) };
}

/** At most. */
const SPREAD_POINTS = 256;

/** Points in user coordinates, and the first temperature of a single run from the values there. */
interface TemperatureDraws {
  points: Float64Array;
  count: number;
  temperatureOf: (values: ArrayLike<number>) => number;
}

/** A uniform sample of the box, for the objective's spread; or draws of the start, where slopes are compared. */
function temperatureDraws({ objective, method, samples }: Engine, start: Start, seed: number, budget: number): TemperatureDraws {
  const { box, boundary } = objective;
  const { temperature } = method;
  if (temperature.kind !== 'geometric' || temperature.from !== 'slopes') {
    const count = Math.min(SPREAD_POINTS, budget);
    const points = uniformPoints(box, Math.max(count, 0), seed, 0);
    return { points, count, temperatureOf: (values) => temperatureOf(values, temperature) };
  }
  const each = Math.min(samples, Math.floor((budget * box.dim) / start.means.length));
  const draws = slopeDraws(start, box.dim, Math.max(each, 0), new RandomStream(seed, purpose.initialise, 0x10000));
  const inside = boundary === 'none' || boundary === 'bounded' ? boundary : 'reflect';
  const points = new Float64Array(draws.points.length);
  for (let at = 0; at < points.length; at += box.dim) points.set(toUser(draws.points.subarray(at, at + box.dim), box, inside), at);
  return { ...draws, points };
}

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
