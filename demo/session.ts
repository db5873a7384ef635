/**
 * One run, frame by frame. The solver sets it up; the page then encodes its iterations itself, so that a frame is one submit and one
 * readback (of the small state, never of samples), and views draw from the engine's own buffers. No DOM here.
 */
import { usage } from '../src/gpu/buffers.ts';
import type { Gpu } from '../src/gpu/device.ts';
import { createSolver, type Snapshot, type TraceRow } from '../src/index.ts';
import { controlLayout, field, NO_VALUE, recordSize, unpack } from '../src/kernels/state.ts';
import type { Engine } from '../src/run/engine.ts';
import { guarded } from '../src/run/loop.ts';
import { snapshotOf } from '../src/run/snapshot.ts';
import type { Solver } from '../src/run/solver.ts';
import { readTrace } from '../src/run/trace.ts';
import { GpuTimer } from './gpu-timer.ts';
import { type Samples, samplesOf } from './samples.ts';
import type { Settings } from './settings.ts';
import { methodOf, targetOf } from './target.ts';
import { TrailRing } from './trail-ring.ts';

/** What a frame's readback says. */
export interface Frame {
  snapshot: Snapshot;
  /** Rows of the iterations since the last frame. */
  rows: TraceRow[];
  /** Iterations that the frame made. */
  iterations: number;
  /** Of the frame's iterations on the GPU, where the device has timestamps. */
  gpuMilliseconds: number | undefined;
}

/** What views bind. */
export interface DrawnState {
  readonly engine: Engine;
  readonly samples: Samples | undefined;
  /** The mixture from which the samples were drawn: components and factors before the last iteration. */
  readonly drawnFrom: { readonly components: GPUBuffer; readonly factors: GPUBuffer };
  readonly trails: TrailRing;
}

export class Session {
  readonly settings: Settings;
  readonly drawn: DrawnState;
  readonly #solver: Solver;
  readonly #timer: GpuTimer;
  /** Evaluations before the first iteration. */
  readonly #before: number;
  readonly #staging: GPUBuffer[] = [];
  #snapshot: Snapshot;
  #bests: readonly number[];
  #traced = 0;
  #pending: Promise<unknown> = Promise.resolve();
  #inFlight = 0;

  private constructor(settings: Settings, solver: Solver) {
    this.settings = settings;
    this.#solver = solver;
    this.#snapshot = solver.snapshot;
    this.#before = solver.snapshot.evaluations;
    this.#bests = solver.snapshot.mixture.means.map(() => Number.NaN);
    const { engine } = solver;
    const { device } = engine.gpu;
    this.#timer = new GpuTimer(device);
    const twin = (name: 'ms_components' | 'ms_factors') => {
      const { size } = engine.buffer(name);
      return device.createBuffer({ label: `${name} before`, size, usage: usage.storage | usage.copyDestination });
    };
    this.drawn = {
      engine,
      samples: samplesOf(engine),
      drawnFrom: { components: twin('ms_components'), factors: twin('ms_factors') },
      trails: new TrailRing(device, engine.buffer('ms_components')),
    };
    const encoder = device.createCommandEncoder({ label: 'first trail' });
    this.drawn.trails.encode(encoder);
    device.queue.submit([encoder.finish()]);
  }

  static async start(settings: Settings): Promise<Session> {
    const { components, samples, seed } = settings;
    return new Session(
      settings,
      await createSolver(targetOf(settings), methodOf(settings), { components, samples, seed, keepDraws: true }),
    );
  }

  get gpu(): Gpu {
    return this.#solver.engine.gpu;
  }

  /** As last read back. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** The best value that each component has seen. */
  get bests(): readonly number[] {
    return this.#bests;
  }

  get ended(): boolean {
    return this.#snapshot.stopReasons.length > 0;
  }

  /** Frames submitted and not yet read back. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Particles evaluated an iteration. */
  get particles(): number {
    return this.#solver.engine.plan.evaluations;
  }

  /** Submits a frame of iterations at once; the promise is its readback. What is submitted next draws their outcome. */
  advance(iterations: number): Promise<Frame> {
    const { engine } = this.#solver;
    const { device } = engine.gpu;
    const encoder = device.createCommandEncoder({ label: 'frame' });
    this.#timer.begin(encoder);
    if (iterations > 1) engine.encode(encoder, iterations - 1);
    const { components, factors } = this.drawn.drawnFrom;
    encoder.copyBufferToBuffer(engine.buffer('ms_components'), 0, components, 0, components.size);
    encoder.copyBufferToBuffer(engine.buffer('ms_factors'), 0, factors, 0, factors.size);
    engine.encode(encoder, 1);
    this.#timer.end(encoder);
    this.drawn.trails.encode(encoder);

    const [control, trace] = engine.progressBuffers;
    const sources = [control, trace, engine.buffer('ms_components'), engine.buffer('ms_factors'), ...this.#timer.sources];
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
        await guarded(engine.gpu, mapped);
        const bytes = staging.getMappedRange().slice(0);
        staging.unmap();
        this.#staging.push(staging);
        return this.#read(bytes, offsets, sources);
      } finally {
        this.#inFlight--;
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
    this.drawn.drawnFrom.components.destroy();
    this.drawn.drawnFrom.factors.destroy();
    this.drawn.trails.destroy();
    this.#timer.destroy();
    this.#solver.dispose();
  }

  #read(bytes: ArrayBuffer, offsets: readonly number[], sources: readonly GPUBuffer[]): Frame {
    const { engine } = this.#solver;
    const floats = (i: number) => new Float32Array(bytes, offsets[i]!, sources[i]!.size / 4);
    const control = unpack(controlLayout, bytes);
    engine.observe(control);
    const rows = readTrace(bytes, offsets[1]!, this.#traced, control.trace_count);
    const iterations = control.trace_count - this.#traced;
    this.#traced = control.trace_count;
    const components = floats(2);
    const snapshot = snapshotOf(engine, { control, components, factors: floats(3) });
    const record = recordSize(engine.dim);
    this.#bests = Array.from({ length: control.components }, (_, k) => {
      const best = components[k * record + field.best]!;
      return best === NO_VALUE ? Number.NaN : engine.objective.text.sense * best;
    });
    this.#snapshot = { ...snapshot, evaluations: snapshot.evaluations + this.#before };
    const gpuMilliseconds = sources.length > 4 ? GpuTimer.milliseconds(bytes, offsets[4]!) : undefined;
    return { snapshot: this.#snapshot, rows, iterations, gpuMilliseconds };
  }

  #take(size: number): GPUBuffer {
    return (
      this.#staging.pop() ??
      this.#solver.engine.gpu.device.createBuffer({ label: 'frame staging', size, usage: usage.mapRead | usage.copyDestination })
    );
  }
}
