/**
 * The loop on the GPU: the buffers of one run shape (method, K, samples, d) and the kernels that advance them. It encodes whole
 * iterations and never reads back between them; a start may be made again and again without compiling or
 * allocating (but for one of whole covariances: factorise-start.ts).
 */
import { allocating, BufferSet, readBuffer } from '../gpu/buffers.ts';
import { type Gpu, shouldReadByQuads } from '../gpu/device.ts';
import { compile } from '../gpu/pipelines.ts';
import { type ControlValues, controlLayout, LEAF, unpack } from '../kernels/state.ts';
import type { Objective, ObjectiveBatch } from '../objective/objective.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import { allocate } from './allocation.ts';
import { CommandMaker, encodeCommand, type Live } from './command.ts';
import { type Iteration, iterationSegments, type Segment } from './commands.ts';
import { kernelSources } from './kernel-sources.ts';
import { loadKernels } from './load-kernels.ts';
import { isAllotted, type Method, reusedRows } from './method.ts';
import { type EngineShape, planRun } from './plan-run.ts';
import { firstRows, type StartOptions, startState } from './start-state.ts';
import { type Chosen, describeVariants, fixedChoice } from './variants.ts';
import type * as Waiting from './waiting.ts';

export type { EngineShape } from './plan-run.ts';

/** All components as read back, in search coordinates. */
export interface EngineState {
  control: ControlValues;
  components: Float32Array<ArrayBuffer>;
  factors: Float32Array<ArrayBuffer>;
}

/** Whether an iteration waits for work outside of the GPU's queue. */
const isWaitedFor = ({ kind, buffers }: Objective): boolean => kind === 'host' || kind === 'ask' || Boolean(buffers?.run);

export class Engine {
  readonly gpu: Gpu;
  readonly objective: Objective;
  readonly method: Method;
  /** Components at the start. */
  readonly components: number;
  readonly samples: number;
  readonly seed: number;
  readonly plan: SamplePlan;
  /** Most components there can be. */
  readonly capacity: number;
  /** Milliseconds that loading and compiling took. */
  readonly compileMilliseconds: number;
  /** Kernel variants that the bits of a result depend on. */
  readonly variants: Record<string, string>;
  /** What choosing them met. */
  readonly warnings: readonly string[];
  readonly #buffers: BufferSet;
  readonly #named: Record<string, GPUBuffer>;
  readonly #segments: Segment[];
  readonly #waiting: typeof Waiting | undefined;
  /** The control block as last read back since the start, and iterations encoded since: they bound what is alive. */
  #seen: Pick<ControlValues, 'components' | 'iteration'> = { components: 0, iteration: 0 };
  #encoded = 0;

  private constructor(
    gpu: Gpu,
    objective: Objective,
    method: Method,
    shape: EngineShape,
    plan: SamplePlan,
    capacity: number,
    buffers: BufferSet,
    named: Record<string, GPUBuffer>,
    segments: Segment[],
    waiting: typeof Waiting | undefined,
    compileMilliseconds: number,
    chosen: Chosen,
  ) {
    this.variants = describeVariants(method, chosen);
    this.warnings = chosen.warnings;
    this.gpu = gpu;
    this.objective = objective;
    this.method = method;
    this.components = shape.components;
    this.samples = shape.samples;
    this.seed = shape.seed;
    this.plan = plan;
    this.capacity = capacity;
    this.#buffers = buffers;
    this.#named = named;
    this.#segments = segments;
    this.#waiting = waiting;
    this.compileMilliseconds = compileMilliseconds;
  }

  /**
   * Checks the limits, compiles every kernel (in parallel) and allocates.
   * @throws LimitError before anything is allocated; ShaderError at the user's line; OutOfMemoryError.
   */
  static async create(gpu: Gpu, objective: Objective, method: Method, shape: EngineShape): Promise<Engine> {
    const { device } = gpu;
    const { plan, capacity } = await planRun(device, objective, method, shape);
    const chosen = shape.chosen ?? fixedChoice(method, objective, plan, capacity, shape.keepDraws, shouldReadByQuads(gpu));
    const { variants } = chosen;
    const before = performance.now();
    const kernels = await loadKernels(method, objective, variants);
    const waiting = isWaitedFor(objective) ? await import('./waiting.ts') : undefined;
    const sources = kernelSources(method, objective, plan, capacity, variants, kernels);
    const names = Object.keys(sources);
    const compiled = await Promise.all(names.map((name) => compile(device, sources[name]!)));
    const pipelines = Object.fromEntries(names.map((name, i) => [name, compiled[i]!]));
    const compileMilliseconds = performance.now() - before;

    const buffers = new BufferSet(device);
    const make = () => allocate(buffers, method, objective, plan, capacity, variants, kernels);
    const named = await allocating(device, 'the search', make, () => buffers.destroy());
    const maker = new CommandMaker(buffers, named, pipelines);
    const segments = iterationSegments(device, maker, method, objective, plan, capacity, variants, kernels);
    return new Engine(gpu, objective, method, shape, plan, capacity, buffers, named, segments, waiting, compileMilliseconds, chosen);
  }

  /** Evaluations of the first iteration after a start; where rows are not counted out anew, of every one. */
  get firstEvaluations(): number {
    const { method, plan, components, samples } = this;
    return isAllotted(method) ? firstRows(method, plan, components, samples).fresh : plan.evaluations;
  }

  get dim(): number {
    return this.objective.box.dim;
  }

  /** GPU memory held, in bytes. */
  get bytes(): number {
    return this.#buffers.bytes;
  }

  /** Buffers that the run loop reads back after a submit. */
  get progressBuffers(): readonly [control: GPUBuffer, trace: GPUBuffer] {
    return [this.#named.ms_control!, this.#named.ms_trace!];
  }

  /** A buffer by its WGSL name, for views that draw from the engine's own memory. */
  buffer(name: 'ms_components' | 'ms_factors' | 'ms_eps' | 'ms_values' | 'ms_control'): GPUBuffer {
    return this.#named[name]!;
  }

  /** Whether an iteration waits for work outside of the GPU's queue. */
  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  get guest(): string | undefined {
    return this.objective.kind === 'buffers' ? 'the objective' : undefined;
  }

  /** Points the loop anew: mixture, temperature, budgets. Counters restart, except the random-number round. */
  async start(options: StartOptions): Promise<void> {
    const { device } = this.gpu;
    const { start } = options;
    const { params, rows, factors, control } = startState(this, options);
    this.#seen = { components: this.components, iteration: 0 };
    this.#encoded = 0;
    device.queue.writeBuffer(this.#named.ms_params!, 0, params);
    device.queue.writeBuffer(this.#named.ms_components!, 0, rows);
    device.queue.writeBuffer(this.#named.ms_factors!, 0, factors);
    device.queue.writeBuffer(this.#named.ms_control!, 0, control);
    if (start.covariances && this.method.covariance === 'full') {
      const { factoriseStart } = await import('./factorise-start.ts');
      await factoriseStart(device, this.#named, this.dim, this.components, start.covariances);
    }
  }

  /** All buffers by their WGSL names. */
  get named(): Readonly<Record<string, GPUBuffer>> {
    return this.#named;
  }

  /** Goes on from a state that was written into its buffers. */
  goOn(control: ControlValues): void {
    this.#seen = control;
    this.#encoded = control.iteration;
  }

  /** The control block, read back now. */
  async control(): Promise<ControlValues> {
    return unpack(controlLayout, await readBuffer(this.gpu.device, this.#named.ms_control!));
  }

  /** What a read-back said: dispatches follow the number of components that can be alive. Results do not depend on it. */
  observe(control: ControlValues): void {
    this.#seen = control;
  }

  /** Bounds of what is there in the next iteration to be encoded: a component may have been added at every multiple since. */
  #live(): Live {
    const { method, plan, capacity } = this;
    if (!isAllotted(method)) return { components: capacity, rows: plan.samples, fresh: plan.samples, leaves: plan.leaves };
    const { components, iteration } = this.#seen;
    const every = method.adapt?.addEvery ?? Number.POSITIVE_INFINITY;
    const added = method.adapt ? Math.floor(this.#encoded / every) - Math.floor(iteration / every) : 0;
    const alive = Math.min(capacity, components + added);
    const perComponent = this.samples + reusedRows(method, this.samples);
    const rows = Math.min(plan.samples, method.sampling === 'component' ? alive * perComponent : plan.samples);
    return { components: alive, rows, fresh: Math.min(rows, plan.evaluations), leaves: Math.ceil(rows / LEAF) };
  }

  /** What the next iteration dispatches, and the bounds of what is there; from now on it counts as encoded. */
  next(): Iteration {
    const live = this.#live();
    this.#encoded++;
    return { segments: this.#segments, live };
  }

  /** Encodes whole iterations. Only for objectives that do not wait (see {@link waits}). */
  encode(encoder: GPUCommandEncoder, iterations: number): void {
    let pass: GPUComputePassEncoder | undefined;
    for (let t = 0; t < iterations; t++) {
      const { segments, live } = this.next();
      for (const { commands, batch } of segments) {
        pass ??= encoder.beginComputePass({ label: 'iterations' });
        for (const command of commands) encodeCommand(pass, command, live);
        if (batch) {
          pass.end();
          pass = undefined;
          const count = isAllotted(this.method) ? live.fresh : batch.count;
          this.objective.buffers?.encode?.({ ...batch, count }, encoder);
        }
      }
    }
    pass?.end();
  }

  /**
   * One iteration in submits of its own, calling `evaluate` for each batch of the objective. What is encoded into `last` belongs to
   * the iteration's last submit. Only for objectives that wait.
   */
  async iterateWith(evaluate: (batch: ObjectiveBatch) => Promise<void>, last?: (encoder: GPUCommandEncoder) => void): Promise<void> {
    // The rows that are really there, so that nobody evaluates more.
    const control = isAllotted(this.method) ? await this.control() : undefined;
    if (control) this.observe(control);
    await this.#waiting!.iterateWaiting(this.gpu.device, this.next(), control?.fresh, evaluate, last);
  }

  /** One iteration in submits of its own, the objective being asked wherever it is. */
  iterate(last: (encoder: GPUCommandEncoder) => void): Promise<void> {
    return this.iterateWith((batch) => this.#waiting!.askObjective(this.objective, batch), last);
  }

  /** Control block and all components, read back now. */
  async read(): Promise<EngineState> {
    const { device } = this.gpu;
    const [control, components, factors] = await Promise.all([
      readBuffer(device, this.#named.ms_control!),
      readBuffer(device, this.#named.ms_components!),
      readBuffer(device, this.#named.ms_factors!),
    ]);
    return {
      control: unpack(controlLayout, control),
      components: new Float32Array(components),
      factors: new Float32Array(factors),
    };
  }

  dispose(): void {
    this.#buffers.destroy();
  }
}
