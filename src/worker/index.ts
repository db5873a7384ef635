/** modescape in a Web Worker. */
export { createWorkerSolver, type ModescapeWorker, openWorker, type WorkerSolver } from './client.ts';
export { WorkerError } from './errors.ts';
export type {
  RunProgress,
  WorkerInversionMethod,
  WorkerInvertOptions,
  WorkerMethod,
  WorkerSampleOptions,
  WorkerSearchOptions,
  WorkerSolverOptions,
  WorkerSolverTarget,
} from './protocol.ts';
