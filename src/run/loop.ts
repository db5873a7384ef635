/**
 * Driving an engine: many iterations a submit (about 50 ms of them), progress read back through a ring while the next submit
 * already runs. How many iterations a submit holds never changes a result.
 */
import { readBuffer, StagingRing } from '../gpu/buffers.ts';
import { GpuClock } from '../gpu/clock.ts';
import { assertAlive, type Gpu } from '../gpu/device.ts';
import { DeviceLostError, ObjectiveError } from '../gpu/errors.ts';
import { type ControlValues, controlLayout, TRACE_ROWS, unpack } from '../kernels/state.ts';
import { readTrace, type TraceRow } from './trace.ts';

/** What can be driven: whole iterations, encoded many at a time or, where they wait for work outside of the GPU's queue, made one by one. */
export interface Iterations {
  readonly gpu: Gpu;
  readonly waits: boolean;
  /** Read back after a submit. */
  readonly progressBuffers: readonly [control: GPUBuffer, trace: GPUBuffer];
  encode(encoder: GPUCommandEncoder, iterations: number): void;
  /** One iteration in submits of its own; what is encoded into `last` belongs to the last one. */
  iterate(last: (encoder: GPUCommandEncoder) => void): Promise<void>;
  observe(control: ControlValues): void;
  /** Whose passes run within iterations, beside the library's own. */
  readonly guest?: string | undefined;
  /** Iterations may take seconds: the first is waited for before more are encoded. */
  readonly costly?: boolean | undefined;
}

export interface LoopOptions {
  signal?: AbortSignal | undefined;
  /** `performance.now()` past which no further submit is made. */
  deadline?: number | undefined;
  /** Called after each submit has been read back. */
  onProgress?: ((control: ControlValues, rows: TraceRow[]) => void) | undefined;
  /** Iterations each submit holds; default adapts to about 50 ms. */
  iterationsPerSubmit?: number | undefined;
  /** At most this many iterations in this call. */
  iterations?: number | undefined;
  /** Asked between submits. Where it is due, nothing is in flight when it is taken: to save the state, or to pause. */
  rest?: { due(): boolean; take(time: LoopTime): Promise<void> } | undefined;
  /** At every so many iterations since the start, whatever submits hold, nothing is in flight and it may end the run. */
  check?: { every: number; ends(control: ControlValues): Promise<boolean> } | undefined;
}

/** Milliseconds. */
export interface LoopTime {
  /** That the GPU worked on iterations; undefined where it has no clock, or they wait for work in other submits than their own. */
  gpu: number | undefined;
  /** That the host waited for what it read back: for the GPU's work too. */
  readback: number;
}

export interface LoopEnd {
  control: ControlValues;
  /** `kernel`: the stop flag is set (see `control.stop`); the others are this loop's own. */
  reason: 'kernel' | 'aborted' | 'deadline' | 'iterations' | 'check';
  time: LoopTime;
}

/** One after the other. */
export const addTimes = (a: LoopTime, b: LoopTime): LoopTime => ({
  gpu: a.gpu === undefined || b.gpu === undefined ? undefined : a.gpu + b.gpu,
  readback: a.readback + b.readback,
});

/** As a result has it, in seconds. */
export const secondsOf = ({ gpu, readback }: LoopTime): { gpu?: number; readback: number } => ({
  ...(gpu === undefined ? {} : { gpu: gpu / 1000 }),
  readback: readback / 1000,
});

const TARGET_MILLISECONDS = 50;
const IN_FLIGHT = 2;

/** Runs until the stop flag, the deadline, the signal, or the number of iterations. */
export async function runLoop(engine: Iterations, options: LoopOptions = {}): Promise<LoopEnd> {
  const { gpu } = engine;
  const [control, trace] = engine.progressBuffers;
  const clock = engine.waits ? undefined : GpuClock.of(gpu.device);
  const sources = [control, trace, ...(clock ? [clock.stamps] : [])];
  const ring = new StagingRing(
    gpu.device,
    sources.reduce((sum, { size }) => sum + size, 0),
  );
  let readback = 0;
  const time = (): LoopTime => ({ gpu: clock?.milliseconds, readback });
  const waited = async <T>(read: Promise<T>): Promise<T> => {
    const before = performance.now();
    const result = await guarded(gpu, read);
    readback += performance.now() - before;
    return result;
  };
  const wanted = options.iterations ?? Number.POSITIVE_INFINITY;
  let encoded = 0;
  let seen = 0;
  let batch = Math.min(options.iterationsPerSubmit ?? (engine.costly ? 1 : 4), TRACE_ROWS);
  let last: ControlValues | undefined;
  let finishedAt = performance.now();
  const pending: { read: () => Promise<ArrayBuffer>; iterations: number }[] = [];

  const settle = async () => {
    const { read, iterations } = pending.shift()!;
    const bytes = await waited(read());
    clock?.add(bytes, control.size + trace.size);
    last = unpack(controlLayout, bytes);
    engine.observe(last);
    // Refused work leaves its readback unwritten or the counters where they were; without this the loop would never end.
    if (last.stop === 0 && last.trace_count < seen + iterations) {
      assertAlive(gpu);
      throw new ObjectiveError(
        engine.guest
          ? `the GPU did not run an iteration: a pass that ${engine.guest} encoded is invalid (see the validation error of the device)`
          : 'the GPU did not run an iteration: its buffers were destroyed in mid-run, or its work was refused (see the validation error of the device)',
      );
    }
    const rows = readTrace(bytes, control.size, seen, last.trace_count);
    seen = last.trace_count;
    const now = performance.now();
    const perIteration = (now - finishedAt) / iterations;
    finishedAt = now;
    if (options.iterationsPerSubmit === undefined && !engine.waits) {
      batch = Math.round(Math.min(TRACE_ROWS / 2, 2 * batch, Math.max(1, TARGET_MILLISECONDS / Math.max(perIteration, 1e-3))));
    }
    options.onProgress?.(last, rows);
  };
  const ended = (): LoopEnd['reason'] | undefined => {
    if (last && last.stop !== 0) return 'kernel';
    if (options.signal?.aborted) return 'aborted';
    if (options.deadline !== undefined && performance.now() >= options.deadline) return 'deadline';
    if (encoded >= wanted) return 'iterations';
    return undefined;
  };

  try {
    // The rows already in the ring belong to earlier calls.
    const before = unpack(controlLayout, await waited(readBuffer(gpu.device, control)));
    seen = before.trace_count;
    last = before;
    let reason = ended();
    const { rest, check } = options;
    /** Iterations made by others: before, and in a rest. */
    let others = before.iteration;
    const toCheck = () => (check ? check.every - ((others + encoded) % check.every) : Number.POSITIVE_INFINITY);
    while (!reason) {
      assertAlive(gpu);
      if (rest?.due()) {
        while (pending.length > 0) await settle();
        await rest.take(time());
        last = unpack(controlLayout, await waited(readBuffer(gpu.device, control)));
        engine.observe(last);
        seen = last.trace_count;
        others = last.iteration - encoded;
        finishedAt = performance.now();
        reason = ended();
        if (reason) break;
      }
      const iterations = Math.min(batch, wanted - encoded, toCheck());
      let read: () => Promise<ArrayBuffer>;
      if (engine.waits) {
        let reading: (() => Promise<ArrayBuffer>) | undefined;
        await guarded(
          gpu,
          engine.iterate((encoder) => {
            reading = ring.encodeRead(encoder, sources);
          }),
        );
        read = reading!;
        encoded += 1;
      } else {
        const encoder = gpu.device.createCommandEncoder({ label: 'iterations' });
        clock?.begin(encoder);
        engine.encode(encoder, iterations);
        clock?.end(encoder);
        read = ring.encodeRead(encoder, sources);
        gpu.device.queue.submit([encoder.finish()]);
        encoded += iterations;
      }
      pending.push({ read, iterations: engine.waits ? 1 : iterations });
      if (engine.waits || pending.length >= (engine.costly && batch === 1 ? 1 : IN_FLIGHT)) await settle();
      reason = ended();
      if (check && (!reason || reason === 'iterations') && toCheck() === check.every) {
        while (pending.length > 0) await settle();
        if (last!.stop === 0 && (await check.ends(last!))) reason = 'check';
      }
    }
    while (pending.length > 0) await settle();
    return { control: last!, reason: last!.stop !== 0 ? 'kernel' : reason, time: time() };
  } finally {
    ring.destroy();
    clock?.destroy();
  }
}

/** Awaits GPU work, but not for ever: a lost device ends the wait with its own error. */
export async function guarded<T>(gpu: Gpu, work: Promise<T>): Promise<T> {
  let tell: ((error: DeviceLostError) => void) | undefined;
  const lost = new Promise<never>((_, reject) => {
    tell = (error) => reject(new DeviceLostError(error.message, error.reason));
    if (gpu.lost) tell(gpu.lost);
    else gpu.onLost.add(tell);
  });
  lost.catch(() => {}); // it may lose the race and be nobody's
  try {
    return await Promise.race([work, lost]);
  } catch (error) {
    // A read of a lost device may fail before its loss is announced.
    if (!(error instanceof DeviceLostError) && error instanceof Error && error.name !== 'ObjectiveError') {
      await new Promise((resolve) => setTimeout(resolve, 0));
      assertAlive(gpu);
    }
    throw error;
  } finally {
    if (tell) gpu.onLost.delete(tell);
  }
}
