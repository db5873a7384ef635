/**
 * The loop on the GPU: the buffers of one run shape (method, K, samples, d) and the kernels that advance them. It encodes whole
 * iterations and never reads back between them; a start may be made again and again without compiling or allocating.
 */
import { allocating, BufferSet, readBuffer } from '../gpu/buffers.ts';
import { assertBinding, type Gpu, largestBinding } from '../gpu/device.ts';
import { LimitError } from '../gpu/errors.ts';
import { compile, gridOf, type Pipeline, type Resource, type Workgroups } from '../gpu/pipelines.ts';
import { derivativesOf, momentTiles } from '../kernels/moments.ts';
import { paddedCount, rankSteps } from '../kernels/rank.ts';
import {
  type ControlValues,
  chunkLayout,
  controlLayout,
  LANES,
  MAX_HESSIAN_DIM,
  momentSize,
  pack,
  pairs,
  paramsLayout,
  partSize,
  recordSize,
  sortStepLayout,
  TRACE_ROW,
  TRACE_ROWS,
  unpack,
} from '../kernels/state.ts';
import { needsScratch } from '../kernels/update.ts';
import { boxRows } from '../objective/box.ts';
import type { Objective, ObjectiveBatch } from '../objective/objective.ts';
import { type Chunk, planSamples, type SamplePlan } from '../sampler/plan.ts';
import { kernelSources } from './kernel-sources.ts';
import type { Method } from './method.ts';
import { type StartOptions, startState, zeroControl } from './start-state.ts';

export interface EngineShape {
  components: number;
  /** Samples per component and iteration. */
  samples: number;
  seed: number;
  /** Floats a chunk buffer may hold; default what the device's bindings take. Never changes a result. */
  chunkFloats?: number | undefined;
}

/** All components as read back, in search coordinates. */
export interface EngineState {
  control: ControlValues;
  components: Float32Array<ArrayBuffer>;
  factors: Float32Array<ArrayBuffer>;
}

/** One dispatch, ready to go. */
interface Command {
  label: string;
  pipeline: Pipeline;
  group: GPUBindGroup;
  workgroups: Workgroups;
}

/** Work of an iteration between two looks of an external objective: dispatches, then possibly the objective's batch. */
interface Segment {
  commands: Command[];
  batch?: ObjectiveBatch;
}

export class Engine {
  readonly gpu: Gpu;
  readonly objective: Objective;
  readonly method: Method;
  readonly components: number;
  readonly samples: number;
  readonly seed: number;
  readonly plan: SamplePlan;
  /** Milliseconds that compiling took. */
  readonly compileMilliseconds: number;
  readonly #buffers: BufferSet;
  readonly #named: Record<string, GPUBuffer>;
  readonly #segments: Segment[];
  readonly #factorise: Command | undefined;

  private constructor(
    gpu: Gpu,
    objective: Objective,
    method: Method,
    shape: EngineShape,
    plan: SamplePlan,
    buffers: BufferSet,
    named: Record<string, GPUBuffer>,
    segments: Segment[],
    factorise: Command | undefined,
    compileMilliseconds: number,
  ) {
    this.gpu = gpu;
    this.objective = objective;
    this.method = method;
    this.components = shape.components;
    this.samples = shape.samples;
    this.seed = shape.seed;
    this.plan = plan;
    this.#buffers = buffers;
    this.#named = named;
    this.#segments = segments;
    this.#factorise = factorise;
    this.compileMilliseconds = compileMilliseconds;
  }

  /**
   * Checks the limits, compiles every kernel (in parallel) and allocates.
   * @throws LimitError before anything is allocated; ShaderError at the user's line; OutOfMemoryError.
   */
  static async create(gpu: Gpu, objective: Objective, method: Method, shape: EngineShape): Promise<Engine> {
    const { device } = gpu;
    const dim = objective.box.dim;
    const { components } = shape;
    const { covariance, estimator } = method;
    const derivatives = derivativesOf[estimator];
    checkHessian(dim, estimator);
    const entries = pairs(dim, covariance);
    const factorBytes = 8 * entries * components;
    assertBinding(
      device,
      `A ${covariance} covariance of ${components} components in ${dim} dimensions`,
      factorBytes,
      `At most ${Math.floor(largestBinding(device) / (8 * entries))} components fit${covariance === 'full' ? ', or use covariance: diagonal' : ''}.`,
      Math.floor(largestBinding(device) / (8 * entries)),
    );
    const shared = method.sampling !== 'own';
    const slopeRows = derivatives === 'hessian' ? dim + entries : dim;
    const perSample = derivatives === 'value' ? dim : slopeRows;
    const largest = Math.min(largestBinding(device) / 4, 2 ** 25, shape.chunkFloats ?? Number.POSITIVE_INFINITY);
    const plan = planSamples({
      components,
      samplesPerComponent: shape.samples,
      sampling: method.sampling,
      partSize: partSize(dim, covariance),
      perSample,
      largest,
    });
    const values = shared ? plan.samples : components * plan.samples;
    if ((estimator === 'ranked' || objective.kind === 'ask') && plan.batches.length > 1) {
      const fits = Math.floor(largest / perSample / components);
      throw new LimitError(
        `${estimator === 'ranked' ? 'Rank-based estimators need' : 'ask() gives'} all samples of an iteration at once: ${values} samples in ${dim} dimensions do not fit one binding. Use at most ${fits} samples a component.`,
        'maxStorageBufferBindingSize',
        4 * values * dim,
        4 * largest,
        fits,
      );
    }
    assertBinding(
      device,
      `Partial sums of ${components} components`,
      4 * components * plan.leaves * partSize(dim, covariance),
      'Use fewer components.',
    );
    for (const [name, array] of Object.entries(objective.data)) {
      assertBinding(device, `data.${name}`, array.byteLength, `At most ${Math.floor(largestBinding(device) / 4)} numbers fit.`);
    }

    const external = objective.kind !== 'wgsl';
    const sources = kernelSources(method, objective, plan, components);
    const before = performance.now();
    const names = Object.keys(sources);
    const compiled = await Promise.all(names.map((name) => compile(device, sources[name]!)));
    const pipelines = Object.fromEntries(names.map((name, i) => [name, compiled[i]!]));
    const compileMilliseconds = performance.now() - before;

    // Buffers.
    const buffers = new BufferSet(device);
    const make = () => {
      const create = (label: string, contents: Parameters<BufferSet['create']>[1]) => buffers.create(label, contents);
      const named: Record<string, GPUBuffer> = {
        ms_control: create('control', pack(controlLayout, { ...zeroControl, stop: 1 })),
        ms_params: create('params', 1 + Object.keys(paramsLayout).length),
        ms_box: create('box', boxRows(objective.box)),
        ms_components: create('components', components * recordSize(dim)),
        ms_factors: create('factors', 2 * entries * components),
        ms_values: create('values', 4 * values),
        ms_eps: create('eps', plan.chunkSize * dim),
        ms_parts: create('parts', components * plan.leaves * partSize(dim, covariance)),
        ms_moments: create('moments', components * momentSize(dim, covariance)),
        ms_trace: create('trace', TRACE_ROWS * TRACE_ROW),
      };
      if (derivatives !== 'value') named.ms_slopes = create('slopes', plan.chunkSize * slopeRows);
      if (needsScratch({ dim, covariance })) named.ms_scratch = create('scratch', components * entries);
      if (shared) {
        named.ms_weights = create('weights', plan.chunkSize);
        named.ms_points = create('points', plan.batchSize * dim);
        if (derivatives !== 'value') named.ms_point_slopes = create('point slopes', plan.batchSize * dim);
      }
      if (estimator === 'ranked') named.ms_order = create('order', 2 * components * paddedCount(plan.samples));
      if (external) {
        const batch = shared ? plan.batchSize : plan.chunkSize;
        named.ms_user_points = create('user points', batch * dim);
        named.ms_loaded_values = create('loaded values', batch);
        if (derivatives !== 'value') named.ms_loaded_gradients = create('loaded gradients', batch * dim);
      }
      if (covariance === 'full') {
        named.ms_covariances = create('covariances', components * entries);
        named.ms_statuses = create('statuses', components);
      }
      for (const [name, array] of Object.entries(objective.data)) named[name] = create(name, new Float32Array(array));
      return named;
    };
    const named = await allocating(device, 'the search', make, () => buffers.destroy());

    // Commands.
    const command = (name: string, resources: Record<string, Resource>, count: number): Command => {
      const pipeline = pipelines[name]!;
      const group = pipeline.bind({ ...named, ...resources });
      return { label: name, pipeline, group, workgroups: gridOf(count) };
    };
    const uniformOf = (chunk: Chunk): Record<string, GPUBuffer> => ({
      ms_chunk: buffers.create(
        'chunk',
        pack(chunkLayout, {
          first_component: chunk.firstComponent,
          component_count: chunk.componentCount,
          first_leaf: chunk.firstLeaf,
          leaf_count: chunk.leafCount,
          first_sample: chunk.firstSample,
          sample_count: chunk.sampleCount,
          stride: plan.chunkSize,
          batch_stride: Math.max(plan.batchSize, 1),
          sample_grid: gridOf(Math.ceil((chunk.componentCount * chunk.sampleCount) / LANES)).x,
          leaf_grid: gridOf(chunk.componentCount * chunk.leafCount * momentTiles({ dim, covariance })).x,
          spare0: 0,
          spare1: 0,
        }),
      ),
    });
    const segments: Segment[] = [];
    let commands: Command[] = [];
    const momentCommands = (chunk: Chunk, uniform: Record<string, GPUBuffer>) =>
      command('moments', uniform, chunk.componentCount * chunk.leafCount * momentTiles({ dim, covariance }));
    for (const { draw, chunks } of plan.batches) {
      const uniform = uniformOf(draw);
      const count = draw.componentCount * draw.sampleCount;
      const invocations = Math.ceil(count / LANES);
      if (external) {
        commands.push(command('draw', uniform, invocations));
        segments.push({
          commands,
          batch: {
            device,
            points: named.ms_user_points!,
            values: named.ms_loaded_values!,
            gradients: named.ms_loaded_gradients,
            count,
            dim,
          },
        });
        commands = [];
      }
      commands.push(command('sample', uniform, invocations));
      if (estimator === 'ranked') {
        const { steps, workgroups } = rankSteps(shared ? 1 : components, plan.samples);
        for (const step of steps) {
          commands.push(command('rank', { ms_step: buffers.create('sort step', pack(sortStepLayout, step)) }, workgroups));
        }
      }
      for (const chunk of chunks) {
        const own = shared ? uniformOf(chunk) : uniform;
        if (shared) commands.push(command('reweigh', own, Math.ceil((chunk.componentCount * chunk.sampleCount) / LANES)));
        commands.push(momentCommands(chunk, own));
      }
    }
    commands.push(command('update', {}, components), command('control', {}, 1));
    segments.push({ commands });
    const factorise = covariance === 'full' ? command('factorise', {}, components) : undefined;
    return new Engine(gpu, objective, method, shape, plan, buffers, named, segments, factorise, compileMilliseconds);
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
  get waitsForObjective(): boolean {
    return this.objective.kind === 'host' || this.objective.kind === 'ask' || Boolean(this.objective.buffers?.run);
  }

  /** Points the loop anew: mixture, temperature, budgets. Counters restart, except the random-number round. */
  async start(options: StartOptions): Promise<void> {
    const { device } = this.gpu;
    const { start } = options;
    const { params, rows, factors, control } = startState(this, options);
    device.queue.writeBuffer(this.#named.ms_params!, 0, params);
    device.queue.writeBuffer(this.#named.ms_components!, 0, rows);
    device.queue.writeBuffer(this.#named.ms_factors!, 0, factors);
    device.queue.writeBuffer(this.#named.ms_control!, 0, control);
    if (start.covariances && this.#factorise) {
      device.queue.writeBuffer(this.#named.ms_covariances!, 0, new Float32Array(start.covariances));
      const encoder = device.createCommandEncoder({ label: 'factorise' });
      const pass = encoder.beginComputePass({ label: 'factorise' });
      this.#factorise.pipeline.encode(pass, this.#factorise.group, this.#factorise.workgroups);
      pass.end();
      device.queue.submit([encoder.finish()]);
      const statuses = new Uint32Array(await readBuffer(device, this.#named.ms_statuses!, 4 * this.components));
      const bad = statuses.findIndex((status) => status !== 0);
      if (bad >= 0) throw new RangeError(`the start covariance of component ${bad} is not positive definite (column ${statuses[bad]})`);
    }
  }

  /** Encodes whole iterations. Only for objectives that do not wait (see {@link waitsForObjective}). */
  encode(encoder: GPUCommandEncoder, iterations: number): void {
    let pass: GPUComputePassEncoder | undefined;
    for (let t = 0; t < iterations; t++) {
      for (const { commands, batch } of this.#segments) {
        pass ??= encoder.beginComputePass({ label: 'iterations' });
        for (const { pipeline, group, workgroups } of commands) pipeline.encode(pass, group, workgroups);
        if (batch) {
          pass.end();
          pass = undefined;
          this.objective.buffers?.encode?.(batch, encoder);
        }
      }
    }
    pass?.end();
  }

  /**
   * One iteration in submits of its own, calling `evaluate` for each batch of the objective. What is encoded into `last` belongs to
   * the iteration's last submit.
   */
  async iterateWith(evaluate: (batch: ObjectiveBatch) => Promise<void>, last?: (encoder: GPUCommandEncoder) => void): Promise<void> {
    const { queue } = this.gpu.device;
    for (const [index, { commands, batch }] of this.#segments.entries()) {
      const encoder = this.gpu.device.createCommandEncoder({ label: 'iteration' });
      const pass = encoder.beginComputePass({ label: 'iteration' });
      for (const { pipeline, group, workgroups } of commands) pipeline.encode(pass, group, workgroups);
      pass.end();
      if (index === this.#segments.length - 1) last?.(encoder);
      queue.submit([encoder.finish()]);
      if (batch) await evaluate(batch);
    }
  }

  /** Milliseconds per kernel over one iteration, by timestamps; undefined where the device has none. For benchmarks. */
  async profile(): Promise<Record<string, number> | undefined> {
    const { device } = this.gpu;
    if (!device.features.has('timestamp-query') || this.waitsForObjective) return undefined;
    const commands = this.#segments.flatMap((segment) => segment.commands);
    const times = device.createQuerySet({ label: 'profile', type: 'timestamp', count: 2 * commands.length });
    const resolved = device.createBuffer({ label: 'profile', size: 16 * commands.length, usage: 0x200 | 0x4 });
    try {
      const encoder = device.createCommandEncoder({ label: 'profile' });
      commands.forEach(({ label, pipeline, group, workgroups }, i) => {
        const timestampWrites = { querySet: times, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
        const pass = encoder.beginComputePass({ label, timestampWrites });
        pipeline.encode(pass, group, workgroups);
        pass.end();
      });
      encoder.resolveQuerySet(times, 0, 2 * commands.length, resolved, 0);
      device.queue.submit([encoder.finish()]);
      const stamps = new BigInt64Array(await readBuffer(device, resolved));
      const result: Record<string, number> = {};
      commands.forEach(({ label }, i) => {
        result[label] = (result[label] ?? 0) + Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6;
      });
      return result;
    } finally {
      times.destroy();
      resolved.destroy();
    }
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

function checkHessian(dim: number, estimator: Method['estimator']): void {
  if (estimator !== 'hessian' || dim <= MAX_HESSIAN_DIM) return;
  throw new LimitError(
    `The Hessian estimator holds two ${dim} x ${dim} matrices a sample, more than WGSL's 8 KiB of variables a function; it goes up to ${MAX_HESSIAN_DIM} dimensions. Use the Stein estimator.`,
    'function variables',
    dim,
    MAX_HESSIAN_DIM,
    MAX_HESSIAN_DIM,
  );
}
