/** Iterations around a forward model: dispatches before its runs, and after. What they are is up to the engine of a method. */
import { allocating, BufferSet } from '../gpu/buffers.ts';
import { compile } from '../gpu/pipelines.ts';
import type { KernelSource } from '../gpu/wgsl.ts';
import {
  type ControlValues,
  controlLayout,
  pack,
  paramsLayout,
  stopBit,
  TRACE_ROW,
  TRACE_ROWS,
  zeroControl,
  zeroParams,
} from '../kernels/state.ts';
import { seedKey } from '../mixture/random.ts';
import type { ForwardModel } from '../objective/forward.ts';
import { type Command, CommandMaker, encodeCommand } from './command.ts';
import type { ForwardRun } from './forward-run.ts';
import type { Iterations } from './loop.ts';
import { checkBuffers, forwardNames, loadBuffers, type SavedBuffers, saveBuffers, withLimits } from './persistent.ts';

/** Of one iteration. */
export interface ForwardCommands {
  readonly before: readonly Command[];
  readonly after: readonly Command[];
}

/** Model runs, at most, and iterations. */
export interface ForwardBudget {
  iterations: number;
  evaluations?: number | undefined;
}

/** What {@link ForwardIterations} are made of. */
export interface ForwardParts extends ForwardCommands {
  readonly forward: ForwardRun;
  readonly seed: number;
  readonly members: number;
  readonly buffers: BufferSet;
  readonly named: Readonly<Record<string, GPUBuffer>>;
  readonly compileMilliseconds: number;
}

/** Names buffers after themselves: `ms_slopes_of` is labelled "slopes of". */
export type CreateBuffer = (name: string, contents: Parameters<BufferSet['create']>[1]) => void;

/**
 * Compiles in parallel, and allocates the control block, the parameters, the trace and what `allocate` adds.
 * @throws OutOfMemoryError
 */
export async function forwardParts(
  { forward, seed, members }: Pick<ForwardParts, 'forward' | 'seed' | 'members'>,
  sources: Record<string, KernelSource>,
  allocate: (create: CreateBuffer) => void,
  commands: (maker: CommandMaker) => ForwardCommands,
): Promise<ForwardParts> {
  const { device } = forward.gpu;
  const began = performance.now();
  const names = Object.keys(sources);
  const compiled = await Promise.all(names.map((name) => compile(device, sources[name]!)));
  const compileMilliseconds = performance.now() - began;
  const buffers = new BufferSet(device);
  const make = () => {
    const named: Record<string, GPUBuffer> = {};
    const create: CreateBuffer = (name, contents) => {
      named[name] = buffers.create(name.slice(3).replaceAll('_', ' '), contents);
    };
    create('ms_control', pack(controlLayout, { ...zeroControl, stop: 1 }));
    create('ms_params', 1 + Object.keys(paramsLayout).length);
    create('ms_trace', TRACE_ROWS * TRACE_ROW);
    allocate(create);
    return named;
  };
  const named = { ...forward.named, ...(await allocating(device, 'the inversion', make, () => buffers.destroy())) };
  const maker = new CommandMaker(buffers, named, Object.fromEntries(names.map((name, i) => [name, compiled[i]!])));
  return { forward, seed, members, buffers, named, compileMilliseconds, ...commands(maker) };
}

export abstract class ForwardIterations implements Iterations {
  readonly forward: ForwardRun;
  readonly seed: number;
  /** Model runs of an iteration. */
  readonly members: number;
  readonly compileMilliseconds: number;
  readonly costly = true;
  protected readonly named: Readonly<Record<string, GPUBuffer>>;
  readonly #parts: ForwardParts;

  protected constructor(parts: ForwardParts) {
    this.forward = parts.forward;
    this.seed = parts.seed;
    this.members = parts.members;
    this.compileMilliseconds = parts.compileMilliseconds;
    this.named = parts.named;
    this.#parts = parts;
  }

  get gpu() {
    return this.forward.gpu;
  }

  get model(): ForwardModel {
    return this.forward.model;
  }

  get dim(): number {
    return this.model.dim;
  }

  /** GPU memory held, in bytes. */
  get bytes(): number {
    return this.#parts.buffers.bytes + this.forward.bytes;
  }

  get progressBuffers(): readonly [control: GPUBuffer, trace: GPUBuffer] {
    return [this.named.ms_control!, this.named.ms_trace!];
  }

  /** A buffer by its WGSL name, for views that draw from the engine's own memory. */
  buffer(name: 'ms_components' | 'ms_factors' | 'ms_parameters'): GPUBuffer {
    return this.named[name]!;
  }

  get waits(): boolean {
    return this.forward.waits;
  }

  get guest(): string | undefined {
    return this.model.kind === 'buffers' ? 'the forward model' : undefined;
  }

  /** Encodes whole iterations. Only where the model does not wait. */
  encode(encoder: GPUCommandEncoder, iterations: number): void {
    for (let t = 0; t < iterations; t++) {
      this.#encodePass(encoder, false);
      this.forward.encodeModel(encoder, this.members);
      this.#encodePass(encoder, true);
    }
  }

  /** One iteration in submits of its own. What is encoded into `last` belongs to the last one. */
  async iterate(last?: (encoder: GPUCommandEncoder) => void): Promise<void> {
    const { device } = this.gpu;
    const first = device.createCommandEncoder({ label: 'members' });
    this.#encodePass(first, false);
    device.queue.submit([first.finish()]);
    await this.forward.runModel(this.members);
    const second = device.createCommandEncoder({ label: 'iteration' });
    this.#encodePass(second, true);
    last?.(second);
    device.queue.submit([second.finish()]);
  }

  /** What an iteration does never depends on what was read back. */
  observe(_control: ControlValues): void {}

  /** All that one iteration leaves to the next, as it is once the work submitted so far is done. */
  save(): Promise<SavedBuffers> {
    return saveBuffers(this.gpu.device, this.named, this.#persistent);
  }

  /** Goes on from a saved state, within budgets counted from the start. @throws CheckpointError where it does not fit */
  load(saved: SavedBuffers, { iterations, evaluations }: ForwardBudget): void {
    checkBuffers(this.named, this.#persistent, saved);
    const { buffers } = withLimits(saved, { maxIterations: iterations, maxEvaluations: evaluations });
    loadBuffers(this.gpu.device, this.named, buffers);
  }

  get #persistent(): string[] {
    return forwardNames(this.named, this.forward.named);
  }

  dispose(): void {
    this.#parts.buffers.destroy();
  }

  /** Writes parameters and the control block of a start: those given, over what all have in common. */
  protected begin(budget: ForwardBudget, params: Partial<typeof zeroParams>, control: Partial<ControlValues>): void {
    const { queue } = this.gpu.device;
    const most = 0xffffffff;
    const { members } = this;
    const block = pack(paramsLayout, {
      ...zeroParams,
      seed: seedKey(this.seed),
      evaluations_per_iteration: members,
      max_evaluations: Math.min(budget.evaluations ?? most, most),
      max_iterations: Math.min(budget.iterations, most),
      ...params,
    });
    const stop = (budget.evaluations ?? most) < members ? stopBit.evaluations : 0;
    const first = { ...zeroControl, rows: members, temperature: 1, first_temperature: 1, best: -3e38, stop, ...control };
    queue.writeBuffer(this.named.ms_params!, 0, block);
    queue.writeBuffer(this.named.ms_control!, 0, pack(controlLayout, first));
  }

  #encodePass(encoder: GPUCommandEncoder, after: boolean): void {
    const pass = encoder.beginComputePass({ label: after ? 'step' : 'members' });
    if (after) this.forward.encodeMisfits(pass, this.members);
    const live = { components: 0, rows: this.members, fresh: this.members, leaves: 1 };
    for (const command of after ? this.#parts.after : this.#parts.before) encodeCommand(pass, command, live);
    pass.end();
  }
}

/** A packed lower triangle of a square matrix given row by row. */
export function packTriangle(matrix: Float64Array, size: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(matrix).filter((_, at) => at % size <= Math.floor(at / size));
}
