/** The public face of modescape. */

export { checkGradient, type GradientCheck } from './api/check-gradient.ts';
export { createSolver, type SolverOptions, type SolverTarget } from './api/create-solver.ts';
export { type InvertOptions, inversionMethods, invert } from './api/invert.ts';
export { maximize, minimize } from './api/minimize.ts';
export { posteriorNva, type SampleOptions, sample } from './api/sample.ts';
export { closeDevices, type RunOptions, type SearchOptions } from './api/search-options.ts';
export { warmup } from './api/warmup.ts';
export type { AdapterDescription } from './gpu/device.ts';
export {
  AdapterError,
  CheckpointError,
  type CheckpointFault,
  DeviceLostError,
  LimitError,
  ObjectiveError,
  OptionError,
  OutOfMemoryError,
  ShaderError,
} from './gpu/errors.ts';
export { type EnsembleOptions, eki, eks } from './method/ensemble.ts';
export { type GmbbviOptions, gmbbvi } from './method/gmbbvi.ts';
export { type GmmviOptions, gmmvi, gmmviCodes, gmmviPresets } from './method/gmmvi.ts';
export { type DfGmviOptions, dfGmvi, type GmkiOptions, gmki, type UkiOptions, uki } from './method/kalman.ts';
export { type NvaOptions, nva } from './method/nva.ts';
export type { Mixture } from './mixture/mixture.ts';
export type { GivenStart } from './mixture/start.ts';
export type { Boundary } from './objective/boundary.ts';
export type { BufferForward, ForwardBatch, HostForward, InversionTarget, OpenForward } from './objective/forward.ts';
export type { NoiseOptions } from './objective/noise.ts';
export type { BufferObjective, ExactObjective, HostObjective, ObjectiveBatch, TargetOptions } from './objective/objective.ts';
export type { Marginal, PriorOptions, Transform } from './objective/prior.ts';
export { type ArvizData, type ArvizOptions, toArviz } from './result/export-arviz.ts';
export { type CsvOptions, type CsvTable, toCsv } from './result/export-csv.ts';
export { type HtmlOptions, type ReportRow, toHtml } from './result/export-html.ts';
export { toJson } from './result/export-json.ts';
export { type NestedNumbers, type NpyOptions, toNpy } from './result/export-npy.ts';
export type { InversionMode, InversionResult } from './result/inversion-types.ts';
export { type RunSummary, type Summarised, summarise } from './result/summary.ts';
export { type SummaryRow, summaryRows } from './result/summary-rows.ts';
export type { Mode, PosteriorSummary, SampleResult, SearchResult, Snapshot, StopReason, ToleranceName } from './result/types.ts';
export type { AskedPoints } from './run/asked-iteration.ts';
export type { SavedCheckpoint } from './run/checkpoint.ts';
export { checkpointToJson } from './run/checkpoint-file.ts';
export type { InversionMethodSpec } from './run/inversion-method.ts';
export type { MethodSpec } from './run/method.ts';
export { Pause } from './run/pause.ts';
export type { Progress } from './run/search-settings.ts';
export type { Solver } from './run/solver.ts';
export type { Tolerances } from './run/tolerances.ts';
export type { TraceRow } from './run/trace.ts';
