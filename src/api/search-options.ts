/** The options that the one-call functions share, and checking them. */
import { closeGpu, type Gpu, openDevice } from '../gpu/device.ts';
import { OptionError } from '../gpu/errors.ts';
import type { TargetOptions } from '../objective/objective.ts';
import type { Checkpoint, SavedCheckpoint } from '../run/checkpoint.ts';
import type { Survival } from '../run/device-loss.ts';
import type { Method, MethodSpec } from '../run/method.ts';
import { choiceOption, numberOption } from '../run/options.ts';
import { Pause } from '../run/pause.ts';
import type { Progress, SearchSettings } from '../run/search-settings.ts';
import type { Tolerances } from '../run/tolerances.ts';
import type { Tuning } from '../run/variants.ts';

/** What every run takes beside its target. */
export interface RunOptions {
  /** Default `nva()`; of `sample`, SAMTRON. */
  method?: MethodSpec;
  /** Gaussians of the mixture, K: a whole number from 1 to 1024. Default: of `nva` 16 (8 in one dimension), of GMMVI 10 at the start. */
  components?: number;
  /** Samples per component and iteration: a whole number from 2 to 2^22. Default: the method's own. */
  samples?: number;
  /** Budget: stop after this many iterations, over all waves, from 1. Of several budgets the first one reached stops. */
  iterations?: number;
  /** Budget: stop before more points than this are evaluated, from 1 to 4e9; polish and checks count. Default: of searches 2,000,000. */
  evaluations?: number;
  /** Budget: stop after this many seconds, above 0. */
  seconds?: number;
  /** Stop when a value this good is seen. */
  target?: number;
  /** Ends by the run's own progress, under the names of pycma; none by default. A tolerance ends one annealing, of which a search makes several. */
  stop?: Tolerances;
  /** Annealed waves; `1` runs one mixture and no restarts. Default: until hardly any mode can be unseen. */
  waves?: number;
  /** A whole number in [0, 2^53). The same seed on the same adapter gives the same result. Default 0. */
  seed?: number;
  /**
   * How the run chooses among kernels that do the same: `fixed` (default), by its shape, with the same bits wherever it runs on such an
   * adapter; `auto`, by which is fastest here, tried for about a second and remembered for the device: other runs may then round otherwise.
   * Evaluations of the trial are not counted. With a `checkpoint` the variants are those of the run that was saved.
   */
  tuning?: Tuning;
  /** Use this device; it is never destroyed. */
  device?: GPUDevice;
  /** Where adapters come from, when no device is given. Default `navigator.gpu`; in Node `(await openGpu()).gpu` of modescape/node. */
  gpu?: GPU;
  /** Stops the run; it then resolves with what was found so far. */
  signal?: AbortSignal;
  /** Called when a submit (about 50 ms of iterations) has been read back, and after each wave of candidates. */
  onProgress?: (progress: Progress) => void;
  /** Holds the run between submits while it is on: `const pause = new Pause()`, then `pause.begin()` and `pause.end()`. */
  pause?: Pause;
  /**
   * Go on from a checkpoint of the same target, method, shape and seed, with the same bits on the same adapter. Budgets count from the
   * start of the run that was saved.
   */
  checkpoint?: SavedCheckpoint;
  /** Is given a checkpoint every `checkpointEvery` seconds, and the last one at the end, whatever the end was. The run waits for it. */
  onCheckpoint?: (checkpoint: Uint8Array<ArrayBuffer>) => void | Promise<void>;
  /** Seconds between checkpoints, 0 and more. Default 10. */
  checkpointEvery?: number;
  /**
   * `throw` (default), or `resume`: the run goes on from its last checkpoint (they are taken every `checkpointEvery` seconds) on a new
   * device, opened by the library; in place of a caller's device a function must give another one.
   */
  onDeviceLost?: 'throw' | 'resume' | (() => Promise<GPUDevice>);
}

/** Options of {@link minimize} and {@link maximize}: the objective, the box, and how to run. */
export interface SearchOptions extends TargetOptions, RunOptions {}

export const runOptionNames: readonly (keyof RunOptions)[] = [
  'method',
  'components',
  'samples',
  'iterations',
  'evaluations',
  'seconds',
  'target',
  'stop',
  'waves',
  'seed',
  'tuning',
  'device',
  'gpu',
  'signal',
  'onProgress',
  'pause',
  'checkpoint',
  'onCheckpoint',
  'checkpointEvery',
  'onDeviceLost',
];

export const targetOptionNames: readonly (keyof TargetOptions)[] = [
  'wgsl',
  'file',
  'data',
  'buffers',
  'host',
  'exact',
  'box',
  'dim',
  'boundary',
];

/** @throws OptionError naming the option at fault. */
export function readRunOptions(options: RunOptions): SearchSettings {
  const count = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };
  if (options.target !== undefined && !Number.isFinite(options.target))
    throw new OptionError(`target is ${options.target}; it must be a number`);
  if (options.method !== undefined && typeof options.method.resolve !== 'function')
    throw new OptionError('method must be what a method function returns, such as nva()');
  for (const name of ['onProgress', 'onCheckpoint'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') throw new OptionError(`${name} must be a function`);
  }
  if (options.pause !== undefined && !(options.pause instanceof Pause)) throw new OptionError('pause must be a Pause');
  if (options.checkpointEvery !== undefined && !options.onCheckpoint && !wantsToSurvive(options))
    throw new OptionError('checkpointEvery belongs to onCheckpoint, or to onDeviceLost: resume');
  numberOption('checkpointEvery', options.checkpointEvery, undefined, { min: 0, max: 1e9 });
  return {
    components: numberOption('components', options.components, undefined, { min: 1, max: 1024, whole: true }),
    samples: numberOption('samples', options.samples, undefined, { min: 2, max: 2 ** 22, whole: true }),
    iterations: numberOption('iterations', options.iterations, undefined, count),
    // Counters on the GPU are 32 bits wide.
    evaluations: numberOption('evaluations', options.evaluations, undefined, { ...count, max: 4e9 }),
    seconds: numberOption('seconds', options.seconds, undefined, { min: 0, max: 1e9, above: true }),
    target: options.target,
    waves: numberOption('waves', options.waves, undefined, { min: 1, max: 1e6, whole: true }),
    tuning: choiceOption<Tuning, undefined>('tuning', options.tuning, undefined, ['fixed', 'auto']),
    seed: numberOption('seed', options.seed, 0, { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }),
    signal: options.signal,
    onProgress: options.onProgress,
    pause: options.pause,
  };
}

/** Whether a lost device is not the end. @throws OptionError */
function wantsToSurvive({ onDeviceLost, device }: RunOptions): boolean {
  if (typeof onDeviceLost === 'function') return true;
  if (choiceOption('onDeviceLost', onDeviceLost, 'throw', ['throw', 'resume']) === 'throw') return false;
  if (device) throw new OptionError('onDeviceLost: with a device of your own, give a function that opens the next one');
  return true;
}

/** Loaded when needed, like what keeps checkpoints. @throws OptionError */
export async function readStops(options: RunOptions): Promise<Pick<SearchSettings, 'watching'> & { stop?: Tolerances | undefined }> {
  if (options.stop === undefined) return {};
  const { readTolerances, Watch } = await import('../run/tolerances.ts');
  const stop = readTolerances(options.stop);
  return stop ? { stop, watching: (samples, start) => new Watch(stop, samples, start) } : {};
}

/** Where a run goes on from, what is kept of it, and how it outlives its device. @throws CheckpointError */
export async function readSurvival(options: RunOptions): Promise<Survival> {
  const { checkpoint, onCheckpoint, checkpointEvery, onDeviceLost } = options;
  const survives = wantsToSurvive(options);
  // Loaded when needed: it is no part of a page that never saves.
  const file = checkpoint === undefined && !onCheckpoint ? undefined : await import('../run/checkpoint-file.ts');
  const write = onCheckpoint && file && ((kept: Checkpoint) => onCheckpoint(file.encodeCheckpoint(kept)));
  const kept = survives || checkpoint !== undefined || onCheckpoint !== undefined;
  const tools = kept ? await import('../run/checkpoint-tools.ts') : undefined;
  return {
    tools,
    checkpoint: checkpoint === undefined ? undefined : file!.decodeCheckpoint(checkpoint),
    keeping: tools && (write || survives) ? new tools.Keeping(checkpointEvery, write) : undefined,
    reopen: survives
      ? async () => (typeof onDeviceLost === 'function' ? openDevice({ device: await onDeviceLost() }) : gpuFor(options))
      : undefined,
  };
}

/** A run that does nothing but anneal ends with no posterior. @throws OptionError */
export function checkAnnealing({ name, step: { size } }: Method, iterations: number | undefined): void {
  if (size.kind !== 'spectral' || size.anneal.share !== 1 || iterations === undefined || iterations > size.anneal.iterations) return;
  throw new OptionError(
    `iterations is ${iterations}, all of which ${name} would anneal in; give more than anneal, which is ${size.anneal.iterations}`,
  );
}

const opened = new Map<GPU | undefined, Promise<Gpu>>();

/** The caller's device, or one that all calls without a device share (opened once, reopened when lost). */
export async function gpuFor(options: { device?: GPUDevice; gpu?: GPU }): Promise<Gpu> {
  if (options.device) return openDevice({ device: options.device });
  const known = opened.get(options.gpu);
  if (known && !(await known).lost) return known;
  const opening = openDevice(options.gpu ? { gpu: options.gpu } : {});
  opened.set(options.gpu, opening);
  opening.catch(() => opened.delete(options.gpu));
  return opening;
}

/** Destroys the shared devices, so that a Node process can end. */
export async function closeDevices(): Promise<void> {
  const all = [...opened.values()];
  opened.clear();
  for (const gpu of await Promise.allSettled(all)) if (gpu.status === 'fulfilled') closeGpu(gpu.value);
}
