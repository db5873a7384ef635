/** The page's side: the library's functions, run in a Web Worker so that the page stays responsive. */
import { proxy, type Remote, transfer, wrap } from 'comlink';
import { OptionError } from '../gpu/errors.ts';
import type { InversionResult } from '../result/inversion-types.ts';
import { type Summarised, withSummary } from '../result/summary.ts';
import type { SampleResult, SearchResult, Snapshot } from '../result/types.ts';
import type { AskedPoints } from '../run/asked-iteration.ts';
import type { SavedCheckpoint } from '../run/checkpoint.ts';
import type { TraceRow } from '../run/trace.ts';
import { type Outcome, reviveError, WorkerError } from './errors.ts';
import type {
  RunProgress,
  Service,
  Verb,
  WorkerInvertOptions,
  WorkerMethod,
  WorkerSampleOptions,
  WorkerSearchOptions,
  WorkerSolverOptions,
  WorkerSolverTarget,
} from './protocol.ts';
import { startWorker } from './start.ts';

/** A solver that lives in a worker: {@link createWorkerSolver}. Its methods are those of `Solver`. */
export interface WorkerSolver extends AsyncIterable<Snapshot> {
  /** The state as last read back. */
  readonly snapshot: Snapshot;
  /** Advances by `iterations` (default 1), fewer if the run ends before. */
  step(iterations?: number): Promise<Snapshot>;
  /** Runs until a budget, the schedule's end, or the signal. Progress that the page is too busy for is left out. */
  run(onProgress?: (progress: RunProgress) => void): Promise<Snapshot>;
  /** The points of the next iteration. */
  ask(): Promise<AskedPoints>;
  /** Their values. A typed array is handed over to the worker: it is empty afterwards. */
  tell(values: ArrayLike<number>): Promise<Snapshot>;
  /** The whole state, to go on from with {@link WorkerSolver.restore} or with that of a `Solver`. */
  save(): Promise<Uint8Array<ArrayBuffer>>;
  /** Goes on from a checkpoint of the same target, method, shape and seed. */
  restore(saved: SavedCheckpoint): Promise<Snapshot>;
  /** Holds what runs, until `resume()`. */
  pause(): void;
  /** Lets it go on. */
  resume(): void;
  /** One row an iteration, so far. */
  trace(): Promise<readonly TraceRow[]>;
  /** Frees the GPU memory; a worker that was started for this solver is terminated, and what is still running is rejected. */
  dispose(): void;
}

/** A worker that runs searches and solvers: {@link openWorker}. */
export interface ModescapeWorker {
  /** `minimize` there; see {@link openWorker}. */
  minimize(options: WorkerSearchOptions): Promise<Summarised<SearchResult>>;
  /** `maximize` there. */
  maximize(options: WorkerSearchOptions): Promise<Summarised<SearchResult>>;
  /** `sample` there. */
  sample(options: WorkerSampleOptions): Promise<Summarised<SampleResult>>;
  /** `invert` there. Forward models are WGSL. */
  invert(options: WorkerInvertOptions): Promise<Summarised<InversionResult>>;
  /** A solver there; `dispose()` frees its GPU memory, the worker lives on. */
  createSolver(target: WorkerSolverTarget, method?: WorkerMethod, options?: Omit<WorkerSolverOptions, 'worker'>): Promise<WorkerSolver>;
  /** Terminates the worker if it was started here; what is still running is rejected with a WorkerError. */
  dispose(): void;
}

/**
 * `createSolver` in a Web Worker. Options are those of `createSolver`, except that methods go by name, and that the device is the worker's own.
 *
 * @example
 * const solver = await createWorkerSolver({ wgsl, box: [[-6, 6], [-6, 6]] }, { name: 'nva', options: { components: 8 } });
 * for await (const snapshot of solver) draw(snapshot.mixture);
 * solver.dispose(); // and the worker with it
 *
 * @throws as `createSolver`, the same classes with the same fields; WorkerError when the worker cannot be started or is terminated
 */
export async function createWorkerSolver(
  target: WorkerSolverTarget,
  method?: WorkerMethod,
  options: WorkerSolverOptions = {},
): Promise<WorkerSolver> {
  const { worker, ...rest } = options;
  const opened = openWorker(worker ? { worker } : {});
  try {
    const solver = await opened.createSolver(target, method, rest);
    const { dispose } = solver;
    solver.dispose = () => {
      dispose();
      opened.dispose();
    };
    return solver;
  } catch (error) {
    opened.dispose();
    throw error;
  }
}

/**
 * A worker with the whole library in it: `minimize`, `maximize`, `sample`, `invert` and `createSolver`.
 *
 * @param options.worker one of your own that runs `modescape/worker-script`; it is never terminated
 * @example
 * const worker = openWorker();
 * const { modes } = await worker.minimize({ wgsl, box: [[-6, 6], [-6, 6]], onProgress: ({ done }) => bar(done) });
 * worker.dispose();
 */
export function openWorker(options: { worker?: Worker } = {}): ModescapeWorker {
  const line = connect(options.worker);
  const search =
    (verb: Verb) =>
    async (given: WorkerSearchOptions | WorkerSampleOptions | WorkerInvertOptions): Promise<never> => {
      const { signal, onProgress, onCheckpoint, host, ...rest } = sendable(given) as WorkerSearchOptions;
      const call = ++calls;
      const searching = line.service.search(
        verb,
        call,
        handedOver(rest) as object,
        host && proxy(host),
        onProgress && proxy(onProgress),
        onCheckpoint && proxy(onCheckpoint),
      );
      return withSummary(await line.follow(call, signal, searching)) as never;
    };
  return {
    minimize: search('minimize'),
    maximize: search('maximize'),
    sample: search('sample'),
    invert: search('invert'),
    createSolver: async (target, method, options = {}) => {
      sendable({ ...options, method });
      const { signal, ...rest } = options;
      const { host, ...plain } = sendable(target) as WorkerSolverTarget;
      const call = ++calls;
      const creating = line.service.createSolver(call, handedOver(plain) as object, method, rest, host && proxy(host));
      const begun = await line.follow(call, undefined, creating);
      // The signal ends the solver's runs, not only its making.
      const abort = () => void line.service.abort(call);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      return solverOf(line, begun.solver, begun.snapshot, () => signal?.removeEventListener('abort', abort));
    },
    dispose: () => line.close('the worker has been disposed'),
  };
}

let calls = 0;

interface Line {
  service: Remote<Service>;
  /** The outcome, or the error that the worker met; rejected when the worker ends first. */
  follow<T>(call: number, signal: AbortSignal | undefined, outcome: Promise<Outcome<T>>): Promise<T>;
  close(why: string): void;
}

function connect(own: Worker | undefined): Line {
  const worker = own ?? startWorker();
  const service = wrap<Service>(worker);
  const waiting = new Set<(error: WorkerError) => void>();
  let closed: WorkerError | undefined;
  const fail = (error: WorkerError) => {
    closed ??= error;
    for (const reject of waiting) reject(error);
    waiting.clear();
  };
  const onError = (event: ErrorEvent | Event) => {
    event.preventDefault();
    const { message } = event as ErrorEvent;
    fail(
      new WorkerError(`the worker failed${message ? `: ${message}` : ' to load: is modescape/worker-script where the bundle says it is?'}`),
    );
  };
  worker.addEventListener('error', onError);
  return {
    service,
    follow: async (call, signal, outcome) => {
      if (closed) throw closed;
      const abort = () => void service.abort(call);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      let reject: (error: WorkerError) => void = () => {};
      try {
        const ended = new Promise<never>((_, give) => {
          reject = give;
          waiting.add(reject);
        });
        const settled = await Promise.race([outcome, ended]);
        if ('error' in settled) throw reviveError(settled.error);
        return settled.value;
      } finally {
        waiting.delete(reject);
        signal?.removeEventListener('abort', abort);
      }
    },
    close: (why) => {
      if (!own) worker.terminate();
      worker.removeEventListener('error', onError);
      fail(new WorkerError(why));
    },
  };
}

function solverOf(line: Line, id: number, first: Snapshot, ended: () => void): WorkerSolver {
  const { service } = line;
  let snapshot = first;
  const kept = async (outcome: Promise<Outcome<Snapshot>>): Promise<Snapshot> => {
    snapshot = await line.follow(0, undefined, outcome);
    return snapshot;
  };
  return {
    get snapshot() {
      return snapshot;
    },
    step: (iterations = 1) => kept(service.step(id, iterations)),
    run: (onProgress) => kept(service.run(id, onProgress && proxy(onProgress))),
    ask: () => line.follow(0, undefined, service.ask(id)),
    tell: (values) => kept(service.tell(id, handedOver(values))),
    save: () => line.follow(0, undefined, service.save(id)),
    restore: (saved) => kept(service.restore(id, saved)),
    pause: () => void service.pause(id),
    resume: () => void service.resume(id),
    trace: () => line.follow(0, undefined, service.trace(id)),
    async *[Symbol.asyncIterator]() {
      for (let first = true; ; first = false) {
        const next = await line.follow(0, undefined, service.next(id, first));
        if (!next) return;
        snapshot = next;
        yield next;
      }
    },
    dispose: () => {
      ended();
      void service.disposeSolver(id);
    },
  };
}

/** Typed arrays of our own move to the worker; views of larger or shared buffers are copied. */
function handedOver<T extends object | ArrayLike<number>>(value: T): T {
  if (ArrayBuffer.isView(value)) return transfer(value, wholeBuffers([value]));
  const { transfer: moved, ...rest } = value as { transfer?: boolean; data?: Record<string, unknown> };
  if (Array.isArray(value)) return value;
  return (moved ? transfer(rest, wholeBuffers(Object.values(rest.data ?? {}))) : rest) as T;
}

const wholeBuffers = (arrays: readonly unknown[]): ArrayBuffer[] => [
  ...new Set(
    arrays.flatMap((array) =>
      ArrayBuffer.isView(array) && array.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength
        ? [array.buffer]
        : [],
    ),
  ),
];

/** @throws OptionError naming what only lives on the page. */
function sendable<T extends object>(options: T): T {
  for (const name of ['device', 'gpu', 'buffers', 'exact', 'pause']) {
    if ((options as Record<string, unknown>)[name] !== undefined) {
      throw new OptionError(`${name} cannot be sent to a worker: write a worker of your own that imports modescape, or leave it out`);
    }
  }
  const { method } = options as { method?: { resolve?: unknown } };
  if (typeof method?.resolve === 'function') {
    throw new OptionError("a worker takes methods by name, such as { name: 'nva', options: { components: 8 } }");
  }
  return options;
}
