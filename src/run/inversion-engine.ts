/**
 * The loop of inversion by sigma points on the GPU: exploration, members, model runs, moments, step, weights. Iterations are encoded
 * many a submit, where the model lets them.
 */
import { allocating, BufferSet, readBuffer } from '../gpu/buffers.ts';
import type { Gpu } from '../gpu/device.ts';
import { compile, gridOf } from '../gpu/pipelines.ts';
import type { KernelSource } from '../gpu/wgsl.ts';
import { controlKernel } from '../kernels/control.ts';
import { type ExploreRule, exploreKernels } from '../kernels/explore.ts';
import { membersKernel } from '../kernels/forward.ts';
import { entropyKernels, kalmanKernels, type PriorKind, priorKernel, sigmaMomentsKernel, slopesKernel } from '../kernels/sigma.ts';
import {
  type ControlValues,
  controlLayout,
  LANES,
  momentSize,
  pack,
  paramsLayout,
  recordSize,
  stopBit,
  TRACE_ROW,
  TRACE_ROWS,
  unpack,
  zeroControl,
  zeroParams,
} from '../kernels/state.ts';
import { needsScratch, updateKernel } from '../kernels/update.ts';
import { seedKey } from '../mixture/random.ts';
import type { Start } from '../mixture/start.ts';
import type { ForwardModel } from '../objective/forward.ts';
import { type Command, CommandMaker, encodeCommand } from './commands.ts';
import type { EngineState } from './engine.ts';
import { firstMixture } from './first-mixture.ts';
import type { ForwardRun } from './forward-run.ts';
import type { Exploration, SigmaMethod } from './inversion-method.ts';
import { checkInversion, entropyNodes, explorationNodes, membersOf } from './inversion-plan.ts';
import { DEVIATION_FLOOR } from './start-state.ts';

const triangle = (size: number): number => (size * (size + 1)) / 2;
const exploreRule = (rule: Exploration['rule']): ExploreRule => (rule === 'none' || rule === 'sigma' ? rule : 'matched');

export class InversionEngine {
  readonly gpu: Gpu;
  readonly method: SigmaMethod;
  readonly forward: ForwardRun;
  readonly components: number;
  readonly seed: number;
  readonly compileMilliseconds: number;
  readonly #nodes: number;
  readonly #buffers: BufferSet;
  readonly #named: Record<string, GPUBuffer>;
  /** Of an iteration: what comes before the model runs, and after. */
  readonly #before: Command[];
  readonly #after: Command[];

  private constructor(
    { forward, method, components, seed }: Pick<InversionEngine, 'forward' | 'method' | 'components' | 'seed'>,
    parts: { nodes: number; buffers: BufferSet; named: Record<string, GPUBuffer>; before: Command[]; after: Command[] },
    compileMilliseconds: number,
  ) {
    this.gpu = forward.gpu;
    this.forward = forward;
    this.method = method;
    this.components = components;
    this.seed = seed;
    this.compileMilliseconds = compileMilliseconds;
    this.#nodes = parts.nodes;
    this.#buffers = parts.buffers;
    this.#named = parts.named;
    this.#before = parts.before;
    this.#after = parts.after;
  }

  /** @throws LimitError before anything is allocated; OutOfMemoryError. */
  static async create(forward: ForwardRun, method: SigmaMethod, components: number, seed: number): Promise<InversionEngine> {
    const { gpu, model } = forward;
    const { device } = gpu;
    const { exploration, entropy } = method;
    const nodes = exploration ? explorationNodes(exploration, model.dim, seed) : entropyNodes(entropy ?? 'mean', model.dim);
    checkInversion(device, model, method, components, nodes);
    const sources = inversionKernels(model, method, components, nodes?.count ?? 0);
    const began = performance.now();
    const names = Object.keys(sources);
    const compiled = await Promise.all(names.map((name) => compile(device, sources[name]!)));
    const compileMilliseconds = performance.now() - began;
    const buffers = new BufferSet(device);
    const make = () => inversionBuffers(buffers, model, method, components, nodes?.count ?? 0);
    const named = { ...forward.named, ...(await allocating(device, 'the inversion', make, () => buffers.destroy())) };
    if (nodes) device.queue.writeBuffer(named.ms_nodes!, 0, Float32Array.from(nodes.rows));
    const maker = new CommandMaker(buffers, named, Object.fromEntries(names.map((name, i) => [name, compiled[i]!])));
    const parts = { nodes: nodes?.count ?? 0, buffers, named, ...inversionCommands(maker, model, method, components, nodes?.count ?? 0) };
    return new InversionEngine({ forward, method, components, seed }, parts, compileMilliseconds);
  }

  get model(): ForwardModel {
    return this.forward.model;
  }

  get dim(): number {
    return this.model.dim;
  }

  get bytes(): number {
    return this.#buffers.bytes + this.forward.bytes;
  }

  /** Model runs of an iteration. */
  get members(): number {
    return membersOf(this.components, this.dim);
  }

  get progressBuffers(): readonly [control: GPUBuffer, trace: GPUBuffer] {
    return [this.#named.ms_control!, this.#named.ms_trace!];
  }

  get waits(): boolean {
    return this.forward.waits;
  }

  /** A mixture in search coordinates, and budgets. */
  start(start: Start, budget: { iterations: number; evaluations?: number | undefined }): void {
    const { queue } = this.gpu.device;
    const { dim, components, method, members } = this;
    const { rows, factors } = firstMixture(start, dim, components, 'full');
    const most = 0xffffffff;
    const params = pack(paramsLayout, {
      ...zeroParams,
      seed: seedKey(this.seed),
      components,
      samples: this.#nodes,
      leaves: 1,
      evaluations_per_iteration: members,
      max_evaluations: Math.min(budget.evaluations ?? most, most),
      max_iterations: Math.min(budget.iterations, most),
      draw_scale: method.spread,
      deviation_floor: DEVIATION_FLOOR,
      rate: method.step,
      rate_limit: 3e38,
      mean_ratio: 1,
      weight_ratio: 1,
      weight_floor: method.weightFloor,
      temperature_ratio: 1,
      capacity: components,
    });
    const control = pack(controlLayout, {
      ...zeroControl,
      components,
      rows: members,
      leaves: 1,
      temperature: 1,
      first_temperature: 1,
      best: -3e38,
      stop: (budget.evaluations ?? most) < members ? stopBit.evaluations : 0,
    });
    queue.writeBuffer(this.#named.ms_params!, 0, params);
    queue.writeBuffer(this.#named.ms_components!, 0, rows);
    queue.writeBuffer(this.#named.ms_factors!, 0, factors);
    queue.writeBuffer(this.#named.ms_control!, 0, control);
  }

  /** Encodes whole iterations. Only where the model does not wait. */
  encode(encoder: GPUCommandEncoder, iterations: number): void {
    for (let t = 0; t < iterations; t++) {
      this.#encodePass(encoder, this.#before);
      this.forward.encodeModel(encoder);
      this.#encodePass(encoder, this.#after, true);
    }
  }

  /** One iteration in submits of its own. What is encoded into `last` belongs to the last one. */
  async iterate(last?: (encoder: GPUCommandEncoder) => void): Promise<void> {
    const { device } = this.gpu;
    const first = device.createCommandEncoder({ label: 'members' });
    this.#encodePass(first, this.#before);
    device.queue.submit([first.finish()]);
    await this.forward.runModel();
    const second = device.createCommandEncoder({ label: 'iteration' });
    this.#encodePass(second, this.#after, true);
    last?.(second);
    device.queue.submit([second.finish()]);
  }

  /** Nothing here depends on how many components are alive. */
  observe(_control: ControlValues): void {}

  /** Control block and all components, read back now. */
  async read(): Promise<EngineState> {
    const { device } = this.gpu;
    const [control, components, factors] = await Promise.all([
      readBuffer(device, this.#named.ms_control!),
      readBuffer(device, this.#named.ms_components!),
      readBuffer(device, this.#named.ms_factors!),
    ]);
    return { control: unpack(controlLayout, control), components: new Float32Array(components), factors: new Float32Array(factors) };
  }

  dispose(): void {
    this.#buffers.destroy();
  }

  #encodePass(encoder: GPUCommandEncoder, commands: readonly Command[], misfits = false): void {
    const pass = encoder.beginComputePass({ label: 'inversion' });
    if (misfits) this.forward.encodeMisfits(pass);
    const live = { components: this.components, rows: this.members, fresh: this.members, leaves: 1 };
    for (const command of commands) encodeCommand(pass, command, live);
    pass.end();
  }
}

const priorKind = ({ prior }: ForwardModel): PriorKind => (prior.correlation ? 'correlated' : prior.proper ? 'independent' : 'none');

function inversionKernels(model: ForwardModel, method: SigmaMethod, components: number, nodes: number): Record<string, KernelSource> {
  const { dim, observations } = model;
  const { exploration } = method;
  const prior = priorKind(model);
  const update = { dim, covariance: 'full', meanBy: 'new', divisor: 'one', given: true, leaves: 1 } as const;
  return {
    ...(exploration
      ? {
          ...exploreKernels({ dim, rule: exploreRule(exploration.rule), nodes }),
          flatten: updateKernel({ ...update, step: exploreRule(exploration.rule) === 'matched' ? 'match' : 'widen' }),
          ...kalmanKernels({ dim, observations }),
        }
      : entropyKernels({ dim, nodes })),
    ...(prior === 'correlated' ? { prior: priorKernel({ dim }) } : {}),
    members: membersKernel({ dim, source: 'sigma' }),
    slopes: slopesKernel({ dim, observations }),
    'sigma moments': sigmaMomentsKernel({ dim, observations, prior, rule: exploration ? 'kalman' : 'variational' }),
    update: updateKernel({ ...update, step: 'direct' }),
    control: controlKernel({ dim, temperature: 'geometric', sharedBatch: false, components, weighing: { kind: 'carried' } }),
  };
}

function inversionBuffers(buffers: BufferSet, model: ForwardModel, method: SigmaMethod, components: number, nodes: number) {
  const { dim, observations, prior } = model;
  const named: Record<string, GPUBuffer> = {};
  const create = (name: string, contents: Parameters<BufferSet['create']>[1]) => {
    named[name] = buffers.create(name.slice(3).replaceAll('_', ' '), contents);
  };
  create('ms_control', pack(controlLayout, { ...zeroControl, stop: 1 }));
  create('ms_params', 1 + Object.keys(paramsLayout).length);
  create('ms_components', components * recordSize(dim));
  create('ms_factors', components * dim * (dim + 1));
  create('ms_moments', components * momentSize(dim, 'full'));
  create('ms_trace', TRACE_ROWS * TRACE_ROW);
  if (needsScratch({ dim, covariance: 'full' })) create('ms_scratch', components * triangle(dim));
  create('ms_slopes_of', components * dim * observations);
  create('ms_bends', components * dim * observations);
  if (nodes > 0) create('ms_nodes', nodes * (dim + 1));
  if (method.exploration) {
    create('ms_explored', components * nodes);
    create('ms_noise', components * triangle(observations));
    create('ms_innovations', components * observations);
    if (nodes === 0) create('ms_nodes', dim + 1);
  } else {
    create('ms_entropy', components * nodes * (dim + 1));
    create('ms_pulls', components * nodes * components * (dim + 1));
  }
  if (prior.correlation) {
    const { inverse } = prior.correlation;
    const packed = new Float32Array(triangle(dim));
    for (let i = 0; i < dim; i++) for (let j = 0; j <= i; j++) packed[triangle(i) + j] = inverse[i * dim + j]!;
    create('ms_prior', packed);
    create('ms_prior_factors', components * (triangle(dim) + dim));
  }
  return named;
}

function inversionCommands(maker: CommandMaker, model: ForwardModel, method: SigmaMethod, components: number, nodes: number) {
  const { dim, observations } = model;
  const { exploration } = method;
  const outputs = momentSize(dim, 'full');
  /** One invocation a number of work. */
  const spread = (name: string, work: number): Command => maker.make(name, {}, () => gridOf(Math.ceil(work / LANES)));
  const workgroups = (name: string, count: number): Command => maker.make(name, {}, () => gridOf(count));
  const before: Command[] = [];
  const after: Command[] = [];
  if (exploration) {
    if (exploration.rule !== 'none') before.push(spread('explore weight', components * nodes));
    before.push(workgroups('explore moments', components * (outputs + 1)), workgroups('flatten', components));
  } else {
    before.push(spread('entropy', components * nodes), spread('entropy moments', components * (outputs + 1)));
  }
  before.push(spread('members', membersOf(components, dim) * dim));
  after.push(spread('slopes', components * dim * observations));
  if (exploration) {
    after.push(
      spread('kalman noise', components * triangle(observations)),
      workgroups('kalman factor', components),
      spread('kalman whiten', components * (dim + 1)),
    );
  }
  if (model.prior.correlation) after.push(spread('prior', components * (triangle(dim) + dim)));
  after.push(spread('sigma moments', components * outputs), workgroups('update', components), workgroups('control', 1));
  return { before, after };
}
