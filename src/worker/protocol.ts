/** What page and worker say to each other. Types only, so that the page's side carries no part of the engine. */
import type { SolverTarget } from '../api/create-solver.ts';
import type { InvertOptions } from '../api/invert.ts';
import type { SampleOptions } from '../api/sample.ts';
import type { RunOptions, SearchOptions } from '../api/search-options.ts';
import type { EnsembleOptions } from '../method/ensemble.ts';
import type { GmbbviOptions } from '../method/gmbbvi.ts';
import type { GmmviOptions } from '../method/gmmvi.ts';
import type { DfGmviOptions, GmkiOptions, UkiOptions } from '../method/kalman.ts';
import type { NvaOptions } from '../method/nva.ts';
import type { HostObjective } from '../objective/objective.ts';
import type { InversionResult } from '../result/inversion-types.ts';
import type { SampleResult, SearchResult, Snapshot } from '../result/types.ts';
import type { AskedPoints } from '../run/asked-iteration.ts';
import type { SavedCheckpoint } from '../run/checkpoint.ts';
import type { Progress } from '../run/search-settings.ts';
import type { TraceRow } from '../run/trace.ts';
import type { Outcome } from './errors.ts';

/** A method by name, since a worker cannot be sent functions. */
export type WorkerMethod =
  | { name: 'nva'; options?: NvaOptions }
  /** NVA that cools to temperature 1, for posteriors. */
  | { name: 'posteriorNva'; options?: NvaOptions }
  /** `code`: seven letters or a preset, such as SAMTRON or VIPS. */
  | { name: 'gmmvi'; code: string; options?: GmmviOptions };

/** A method of `invert` by name. */
export type WorkerInversionMethod =
  | { name: 'gmki'; options?: GmkiOptions }
  | { name: 'df-gmvi'; options?: DfGmviOptions }
  | { name: 'gmbbvi'; options?: GmbbviOptions }
  | { name: 'uki'; options?: UkiOptions }
  | { name: 'eki' | 'eks'; options?: EnsembleOptions }
  | WorkerMethod;

/** What stays on the page's side: devices, and objectives made of functions other than `host`. */
type Unsendable = 'method' | 'device' | 'gpu' | 'buffers' | 'exact' | 'host' | 'pause' | 'onDeviceLost';

interface Sent {
  /** `resume`: the worker opens a new device and goes on from its last checkpoint. */
  onDeviceLost?: 'throw' | 'resume';
  /** Hand the `data` arrays over in place of copying them: they are empty here afterwards. Default false. */
  transfer?: boolean;
  /** Runs on the page, asked in batches; the worker waits for it. */
  host?: HostObjective;
}

/** Options of `minimize` and `maximize` in a worker. */
export interface WorkerSearchOptions extends Omit<SearchOptions, Unsendable>, Sent {
  /** By name. Default `nva`. */
  method?: WorkerMethod;
}

/** Options of `sample` in a worker. */
export interface WorkerSampleOptions extends Omit<SampleOptions, Unsendable>, Sent {
  /** By name. Default SAMTRON, or ZAMTRON without a gradient. */
  method?: WorkerMethod;
}

/** Options of `invert` in a worker. */
export interface WorkerInvertOptions extends Omit<InvertOptions, Unsendable>, Pick<Sent, 'transfer' | 'onDeviceLost'> {
  /** By name, with options where wanted. Default `df-gmvi`. */
  method?: string | WorkerInversionMethod;
}

/** What a solver in a worker works on: as `SolverTarget`. */
export interface WorkerSolverTarget extends Omit<SolverTarget, Unsendable>, Omit<Sent, 'onDeviceLost'> {}

/** Options of {@link createWorkerSolver}. */
export interface WorkerSolverOptions extends Omit<RunOptions, Unsendable | 'waves' | 'onProgress' | 'onCheckpoint'> {
  /** `resume`: the worker opens a new device and goes on from its last checkpoint. Default `throw`. */
  onDeviceLost?: 'throw' | 'resume';
  /** A worker of your own that runs `modescape/worker-script`; it is never terminated. Default: one is started, and ends with `dispose()`. */
  worker?: Worker;
}

/** How far `run()` of a solver has come. */
export type RunProgress = { iteration: number; temperature: number; best: number };

export type Verb = 'minimize' | 'maximize' | 'sample' | 'invert';

/** The worker's side. `call` names a run that may be aborted, `solver` one of the solvers that live there. */
export interface Service {
  search(
    verb: Verb,
    call: number,
    options: object,
    host: HostObjective | undefined,
    onProgress: ((progress: Progress) => void) | undefined,
    onCheckpoint: RunOptions['onCheckpoint'],
  ): Promise<Outcome<SearchResult | SampleResult | InversionResult>>;
  abort(call: number): void;
  createSolver(
    call: number,
    target: object,
    method: WorkerMethod | undefined,
    options: object,
    host: HostObjective | undefined,
  ): Promise<Outcome<{ solver: number; snapshot: Snapshot }>>;
  step(solver: number, iterations: number): Promise<Outcome<Snapshot>>;
  run(solver: number, onProgress: ((progress: RunProgress) => void) | undefined): Promise<Outcome<Snapshot>>;
  /** The next snapshot of an iteration over the solver; undefined at its end. */
  next(solver: number, first: boolean): Promise<Outcome<Snapshot | undefined>>;
  ask(solver: number): Promise<Outcome<AskedPoints>>;
  tell(solver: number, values: ArrayLike<number>): Promise<Outcome<Snapshot>>;
  trace(solver: number): Promise<Outcome<readonly TraceRow[]>>;
  save(solver: number): Promise<Outcome<Uint8Array<ArrayBuffer>>>;
  restore(solver: number, saved: SavedCheckpoint): Promise<Outcome<Snapshot>>;
  pause(solver: number): void;
  resume(solver: number): void;
  disposeSolver(solver: number): void;
}
