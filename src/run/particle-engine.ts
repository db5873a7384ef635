/**
 * The loop of particle methods on the GPU: members, model runs, and one step of the ensemble, which is all of the state. Iterations are
 * encoded many a submit, where the model lets them.
 */
import { allocating, BufferSet, readBuffer } from '../gpu/buffers.ts';
import { assertBinding, type Gpu, largestBinding } from '../gpu/device.ts';
import { LimitError, OptionError } from '../gpu/errors.ts';
import { compile, gridOf } from '../gpu/pipelines.ts';
import {
  type EnsembleSpec,
  ensembleField,
  ensembleKernels,
  ensembleOrder,
  ensembleRows,
  ensembleSize,
  ensembleWork,
} from '../kernels/ensemble.ts';
import { membersKernel } from '../kernels/forward.ts';
import {
  type ControlValues,
  controlLayout,
  LANES,
  NO_VALUE,
  pack,
  paramsLayout,
  stopBit,
  TRACE_ROW,
  TRACE_ROWS,
  unpack,
  zeroControl,
  zeroParams,
} from '../kernels/state.ts';
import { seedKey } from '../mixture/random.ts';
import type { ForwardModel } from '../objective/forward.ts';
import { type Command, CommandMaker, encodeCommand } from './commands.ts';
import type { ForwardRun } from './forward-run.ts';
import type { ParticleMethod } from './inversion-method.ts';

/** Most particles: their J x J system is factorised by one workgroup, in J^3 / 3 steps. */
export const MAX_PARTICLES = 2048;

const triangle = (size: number): number => (size * (size + 1)) / 2;

export interface EnsembleState {
  control: ControlValues;
  /** Row by row, in search coordinates. */
  particles: Float32Array;
  /** Of the particles before their last move; NaN where the model run failed. */
  misfits: Float32Array;
  /** Algorithmic time: 1 is the posterior of inversion, any large one that of the sampler. */
  time: number;
}

export class ParticleEngine {
  readonly gpu: Gpu;
  readonly method: ParticleMethod;
  readonly forward: ForwardRun;
  readonly seed: number;
  readonly compileMilliseconds: number;
  readonly #buffers: BufferSet;
  readonly #named: Record<string, GPUBuffer>;
  readonly #members: Command;
  readonly #step: Command[];

  private constructor(
    { forward, method, seed }: Pick<ParticleEngine, 'forward' | 'method' | 'seed'>,
    parts: { buffers: BufferSet; named: Record<string, GPUBuffer>; members: Command; step: Command[] },
    compileMilliseconds: number,
  ) {
    this.gpu = forward.gpu;
    this.forward = forward;
    this.method = method;
    this.seed = seed;
    this.compileMilliseconds = compileMilliseconds;
    this.#buffers = parts.buffers;
    this.#named = parts.named;
    this.#members = parts.members;
    this.#step = parts.step;
  }

  /** @throws LimitError before anything is allocated; OutOfMemoryError. */
  static async create(forward: ForwardRun, method: ParticleMethod, seed: number): Promise<ParticleEngine> {
    const { gpu, model } = forward;
    const { device } = gpu;
    const spec = specOf(model, method);
    checkParticles(device, spec, forward.members);
    const sources = { members: membersKernel({ dim: model.dim, source: 'particle' }), ...ensembleKernels(spec) };
    const began = performance.now();
    const names = Object.keys(sources);
    const compiled = await Promise.all(Object.values(sources).map((source) => compile(device, source)));
    const compileMilliseconds = performance.now() - began;
    const buffers = new BufferSet(device);
    const make = () => particleBuffers(buffers, model, spec);
    const named = { ...forward.named, ...(await allocating(device, 'the ensemble', make, () => buffers.destroy())) };
    const maker = new CommandMaker(buffers, named, Object.fromEntries(names.map((name, i) => [name, compiled[i]!])));
    const work = ensembleWork(spec);
    const members = maker.make('members', {}, () => gridOf(Math.ceil((spec.particles * model.dim) / LANES)));
    const step = ensembleOrder[spec.rule].map((name) => {
      const own = work[name];
      return maker.make(name, {}, () => gridOf('workgroups' in own ? own.workgroups : Math.ceil(own.invocations / LANES)));
    });
    return new ParticleEngine({ forward, method, seed }, { buffers, named, members, step }, compileMilliseconds);
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

  /** Model runs of an iteration: J. */
  get members(): number {
    return this.method.particles;
  }

  get progressBuffers(): readonly [control: GPUBuffer, trace: GPUBuffer] {
    return [this.#named.ms_control!, this.#named.ms_trace!];
  }

  get waits(): boolean {
    return this.forward.waits;
  }

  get guest(): string | undefined {
    return this.model.kind === 'buffers' ? 'the forward model' : undefined;
  }

  /** Particles in search coordinates, row by row, and budgets. */
  start(particles: Float64Array, budget: { iterations: number; evaluations?: number | undefined }): void {
    const { queue } = this.gpu.device;
    const { members, dim, method } = this;
    if (particles.length !== members * dim) {
      throw new OptionError(
        `an ensemble of ${members} particles with ${dim} parameters has ${members * dim} numbers, not ${particles.length}`,
      );
    }
    const most = 0xffffffff;
    const params = pack(paramsLayout, {
      ...zeroParams,
      seed: seedKey(this.seed),
      samples: members,
      evaluations_per_iteration: members,
      max_evaluations: Math.min(budget.evaluations ?? most, most),
      max_iterations: Math.min(budget.iterations, most),
      rate: method.step ?? 0,
    });
    const control = pack(controlLayout, {
      ...zeroControl,
      rows: members,
      fresh: members,
      temperature: 1,
      first_temperature: 1,
      best: NO_VALUE,
      stop: (budget.evaluations ?? most) < members ? stopBit.evaluations : 0,
    });
    const ensemble = new Float32Array(ensembleSize(dim));
    ensemble[ensembleField.lowest] = -NO_VALUE;
    queue.writeBuffer(this.#named.ms_params!, 0, params);
    queue.writeBuffer(this.#named.ms_particles!, 0, Float32Array.from(particles));
    queue.writeBuffer(this.#named.ms_ensemble!, 0, ensemble);
    queue.writeBuffer(this.#named.ms_control!, 0, control);
  }

  /** Encodes whole iterations. Only where the model does not wait. */
  encode(encoder: GPUCommandEncoder, iterations: number): void {
    for (let t = 0; t < iterations; t++) {
      this.#encodeMembers(encoder);
      this.forward.encodeModel(encoder, this.members);
      this.#encodeStep(encoder);
    }
  }

  /** One iteration in submits of its own. What is encoded into `last` belongs to the last one. */
  async iterate(last?: (encoder: GPUCommandEncoder) => void): Promise<void> {
    const { device } = this.gpu;
    const first = device.createCommandEncoder({ label: 'members' });
    this.#encodeMembers(first);
    device.queue.submit([first.finish()]);
    await this.forward.runModel(this.members);
    const second = device.createCommandEncoder({ label: 'iteration' });
    this.#encodeStep(second);
    last?.(second);
    device.queue.submit([second.finish()]);
  }

  /** The number of particles never changes. */
  observe(_control: ControlValues): void {}

  /** Control block and ensemble, read back now. */
  async read(): Promise<EnsembleState> {
    const { device } = this.gpu;
    const named = this.#named;
    const [control, particles, misfits, ensemble] = await Promise.all([
      readBuffer(device, named.ms_control!),
      readBuffer(device, named.ms_particles!, 4 * this.members * this.dim),
      readBuffer(device, named.ms_misfits!, 4 * this.members),
      readBuffer(device, named.ms_ensemble!),
    ]);
    return {
      control: unpack(controlLayout, control),
      particles: new Float32Array(particles),
      misfits: new Float32Array(misfits).map((misfit) => (misfit < 0 ? Number.NaN : misfit)),
      time: new Float32Array(ensemble)[ensembleField.time]!,
    };
  }

  dispose(): void {
    this.#buffers.destroy();
  }

  #encodeMembers(encoder: GPUCommandEncoder): void {
    const pass = encoder.beginComputePass({ label: 'members' });
    encodeCommand(pass, this.#members, this.#live);
    pass.end();
  }

  #encodeStep(encoder: GPUCommandEncoder): void {
    const pass = encoder.beginComputePass({ label: 'ensemble' });
    this.forward.encodeMisfits(pass, this.members);
    for (const command of this.#step) encodeCommand(pass, command, this.#live);
    pass.end();
  }

  get #live() {
    return { components: 0, rows: this.members, fresh: this.members, leaves: 1 };
  }
}

function specOf(model: ForwardModel, { rule, particles }: ParticleMethod): EnsembleSpec {
  const { dim, observations, prior } = model;
  return { dim, observations, particles, rule, prior: prior.correlation ? 'correlated' : prior.proper ? 'independent' : 'none' };
}

/** @throws LimitError */
function checkParticles(device: GPUDevice, spec: EnsembleSpec, members: number): void {
  const { particles } = spec;
  if (particles > members) throw new Error(`the forward model was opened for ${members} members, and there are ${particles} particles`);
  if (particles > MAX_PARTICLES) {
    throw new LimitError(
      `An ensemble of ${particles} particles takes a ${particles} x ${particles} matrix to be factorised in every iteration; at most ${MAX_PARTICLES} are taken. Use fewer particles.`,
      'particles',
      particles,
      MAX_PARTICLES,
      MAX_PARTICLES,
    );
  }
  const rows = ensembleRows(spec);
  const room = Math.floor(largestBinding(device) / 4);
  const fits = Math.min(Math.floor(room / rows), Math.floor(Math.sqrt(room)));
  assertBinding(
    device,
    `${particles} particles, with ${rows} residuals each,`,
    4 * particles * Math.max(rows, particles),
    fits > 1 ? `At most ${fits} particles fit.` : 'Not even two particles fit: use fewer data.',
    fits,
  );
}

function particleBuffers(buffers: BufferSet, model: ForwardModel, spec: EnsembleSpec): Record<string, GPUBuffer> {
  const { dim, particles, rule } = spec;
  const rows = ensembleRows(spec);
  const named: Record<string, GPUBuffer> = {};
  const create = (name: string, contents: Parameters<BufferSet['create']>[1]) => {
    named[name] = buffers.create(name.slice(3).replaceAll('_', ' '), contents);
  };
  create('ms_control', pack(controlLayout, { ...zeroControl, stop: 1 }));
  create('ms_params', 1 + Object.keys(paramsLayout).length);
  create('ms_trace', TRACE_ROWS * TRACE_ROW);
  create('ms_ensemble', ensembleSize(dim));
  create('ms_particles', particles * dim);
  create('ms_deviations', particles * dim);
  create('ms_responses', particles * rows);
  create('ms_innovations', particles * rows);
  create('ms_gram', triangle(particles));
  create('ms_weights', particles ** 2);
  if (rule === 'sampler' && model.prior.correlation) {
    const { inverse } = model.prior.correlation;
    const packed = new Float32Array(triangle(dim));
    for (let i = 0; i < dim; i++) for (let j = 0; j <= i; j++) packed[triangle(i) + j] = inverse[i * dim + j]!;
    create('ms_prior', packed);
  }
  return named;
}
