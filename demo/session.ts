/**
 * One run, frame by frame. The page encodes its iterations itself, so that a frame is one submit and one readback (of the small state,
 * never of samples), and views draw from the engine's own buffers. No DOM here.
 */
import { gpuFor } from '../src/api/search-options.ts';
import { usage } from '../src/gpu/buffers.ts';
import { GpuClock } from '../src/gpu/clock.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { MethodSpec, Snapshot, TraceRow } from '../src/index.ts';
import { controlLayout, field, NO_VALUE, recordSize, unpack } from '../src/kernels/state.ts';
import { guarded } from '../src/run/loop.ts';
import { readTrace } from '../src/run/trace.ts';
import { familyOf, specOf } from './methods.ts';
import { KalmanRun } from './runs/kalman-run.ts';
import { MixtureRun } from './runs/mixture-run.ts';
import type { Run } from './runs/run.ts';
import { fitsPosterior, resolved, type Settings, subjectOf } from './settings.ts';
import { inversionOf, targetOf } from './target.ts';
import { TrailRing } from './trail-ring.ts';

/** What a frame's readback says. */
export interface Frame {
  snapshot: Snapshot;
  /** Rows of the iterations since the last frame. */
  rows: TraceRow[];
  /** Iterations that the frame made, and points they evaluated. */
  iterations: number;
  evaluations: number;
  /** Of the frame's iterations on the GPU, where the device has timestamps. */
  gpuMilliseconds: number | undefined;
}

/** What views bind. */
export interface DrawnState {
  readonly run: Run;
  /** Components as last read back. */
  readonly alive: number;
  /** The state from which the samples were drawn: as it was before the last iteration. */
  readonly drawnFrom: { readonly components: GPUBuffer; readonly factors: GPUBuffer; readonly control: GPUBuffer };
  readonly trails: TrailRing;
}

export class Session {
  readonly settings: Settings;
  readonly #run: Run;
  readonly #clock: GpuClock | undefined;
  readonly #trails: TrailRing;
  readonly #drawnFrom: DrawnState['drawnFrom'];
  readonly #staging: GPUBuffer[] = [];
  #snapshot: Snapshot;
  #components: { worth: number; id: number }[] = [];
  #bound = Number.NaN;
  #traced = 0;
  #particles: number;
  #pending: Promise<unknown> = Promise.resolve();
  #inFlight = 0;
  #frames = 0;

  private constructor(settings: Settings, run: Run, particles: number) {
    this.settings = settings;
    this.#run = run;
    this.#particles = particles;
    this.#snapshot = run.first;
    this.#components = this.#snapshot.mixture.means.map((_, id) => ({ worth: Number.NaN, id }));
    const { device } = run.gpu;
    const { components, factors, control } = run.buffers;
    this.#clock = GpuClock.of(device);
    const twin = (label: string, { size }: GPUBuffer) =>
      device.createBuffer({ label: `${label} before`, size, usage: usage.storage | usage.copySource | usage.copyDestination });
    this.#drawnFrom = {
      components: twin('components', components),
      factors: twin('factors', factors),
      control: twin('control', control),
    };
    this.#trails = new TrailRing(device, components);
    const encoder = device.createCommandEncoder({ label: 'first trail' });
    this.#trails.encode(encoder);
    device.queue.submit([encoder.finish()]);
  }

  static async start(settings: Settings): Promise<Session> {
    const { components, samples, seed, method, iterations } = settings;
    const constants = resolved(settings);
    if ('kind' in constants) {
      const run = await KalmanRun.start(await gpuFor({}), inversionOf(settings), constants, subjectOf(settings).box, seed);
      return new Session(settings, run, components * (2 * run.dim + 1));
    }
    const spec = specOf(settings, fitsPosterior(settings)) as MethodSpec;
    // GMBBVI's step falls over a number of iterations, at whose end the run is over.
    const budget = familyOf(method) === 'gmbbvi' ? { iterations: (settings.anneal ?? 0) + (iterations ?? 0) } : {};
    const run = await MixtureRun.start(targetOf(settings), spec, { components, samples, seed, ...budget });
    return new Session(settings, run, constants.sampling === 'mixture' ? samples : components * samples);
  }

  get gpu(): Gpu {
    return this.#run.gpu;
  }

  get drawn(): DrawnState {
    return { run: this.#run, alive: this.#snapshot.mixture.means.length, drawnFrom: this.#drawnFrom, trails: this.#trails };
  }

  /** As last read back. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** The best value that each component has seen; where all see the same samples, E[l - omega log q] of each. */
  get worths(): readonly number[] {
    return this.#components.map(({ worth }) => worth);
  }

  /** What of the two it is. */
  get sharesSamples(): boolean {
    return this.#run.shared;
  }

  /** Of components, for as long as they live: colours go by it. */
  get ids(): readonly number[] {
    return this.#components.map(({ id }) => id);
  }

  /** sum w E[l - omega log q] over components in the last iteration: of a density, the evidence lower bound at temperature omega. */
  get bound(): number {
    return this.#bound;
  }

  get ended(): boolean {
    return this.#snapshot.stopReasons.length > 0;
  }

  /** Frames read back since the start. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames submitted and not yet read back. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Points evaluated an iteration, in the last frame. */
  get particles(): number {
    return this.#particles;
  }

  /** Submits a frame of iterations at once; the promise is its readback. What is submitted next draws their outcome. */
  advance(iterations: number): Promise<Frame> {
    const run = this.#run;
    const { device } = run.gpu;
    const { components, factors, control, trace } = run.buffers;
    const encoder = device.createCommandEncoder({ label: 'frame' });
    this.#clock?.begin(encoder);
    if (iterations > 1) run.encode(encoder, iterations - 1);
    for (const name of ['components', 'factors', 'control'] as const) {
      const before = this.#drawnFrom[name];
      encoder.copyBufferToBuffer(run.buffers[name], 0, before, 0, before.size);
    }
    run.encode(encoder, 1);
    this.#clock?.end(encoder);
    this.#trails.encode(encoder);

    const sources = [control, trace, components, factors, this.#drawnFrom.components, ...(this.#clock ? [this.#clock.stamps] : [])];
    const staging = this.#take(sources.reduce((sum, { size }) => sum + size, 0));
    const offsets: number[] = [];
    let at = 0;
    for (const source of sources) {
      encoder.copyBufferToBuffer(source, 0, staging, at, source.size);
      offsets.push(at);
      at += source.size;
    }
    device.queue.submit([encoder.finish()]);
    this.#inFlight++;
    const mapped = staging.mapAsync(1);
    mapped.catch(() => {}); // a lost device is told by guarded()
    const frame = this.#pending.then(async () => {
      try {
        await guarded(run.gpu, mapped);
        const bytes = staging.getMappedRange().slice(0);
        staging.unmap();
        this.#staging.push(staging);
        return this.#read(bytes, offsets, sources);
      } finally {
        this.#inFlight--;
        this.#frames++;
      }
    });
    this.#pending = frame.catch(() => {});
    return frame;
  }

  /** Resolves when no frame is under way. */
  async settled(): Promise<void> {
    await this.#pending;
  }

  /** Frees the GPU memory once the work under way is done. */
  async dispose(): Promise<void> {
    await this.settled();
    for (const staging of this.#staging) staging.destroy();
    for (const buffer of Object.values(this.#drawnFrom)) buffer.destroy();
    this.#trails.destroy();
    this.#clock?.destroy();
    this.#run.dispose();
  }

  #read(bytes: ArrayBuffer, offsets: readonly number[], sources: readonly GPUBuffer[]): Frame {
    const run = this.#run;
    const floats = (i: number) => new Float32Array(bytes, offsets[i]!, sources[i]!.size / 4);
    const control = unpack(controlLayout, bytes);
    run.observe(control);
    const rows = readTrace(bytes, offsets[1]!, this.#traced, control.trace_count);
    const iterations = control.trace_count - this.#traced;
    this.#traced = control.trace_count;
    const components = floats(2);
    const snapshot = run.snapshotOf({ control, components, factors: floats(3) });
    const evaluations = snapshot.evaluations - this.#snapshot.evaluations;
    if (iterations > 0) this.#particles = Math.round(evaluations / iterations);
    const record = recordSize(run.dim);
    this.#components = Array.from({ length: control.components }, (_, k) => {
      const worth = components[k * record + (run.shared ? field.value : field.best)]!;
      return { worth: worth === NO_VALUE ? Number.NaN : run.sense * worth, id: components[k * record + field.id]! };
    });
    if (iterations > 0)
      this.#bound = run.sense * (run.shared ? rows.at(-1)!.value : boundOf(floats(4), components, record, control.components));
    this.#snapshot = snapshot;
    const gpuMilliseconds = this.#clock?.add(bytes, offsets[5]!);
    return { snapshot, rows, iterations, evaluations, gpuMilliseconds };
  }

  #take(size: number): GPUBuffer {
    return (
      this.#staging.pop() ??
      this.#run.gpu.device.createBuffer({ label: 'frame staging', size, usage: usage.mapRead | usage.copyDestination })
    );
  }
}

/** sum w E_k[f], w as it was before the iteration. */
function boundOf(before: Float32Array, after: Float32Array, record: number, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += Math.exp(before[k * record + field.logWeight]!) * after[k * record + field.value]!;
  return sum;
}
