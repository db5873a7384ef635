/**
 * The loop of particle methods on the GPU: members, model runs, and one step of the ensemble, which is all of the state. Iterations are
 * encoded many a submit, where the model lets them.
 */
import { readBuffer } from '../gpu/buffers.ts';
import { assertBinding, largestBinding } from '../gpu/device.ts';
import { LimitError, OptionError } from '../gpu/errors.ts';
import { gridOf } from '../gpu/pipelines.ts';
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
import { type ControlValues, controlLayout, LANES, NO_VALUE, unpack } from '../kernels/state.ts';
import type { ForwardModel } from '../objective/forward.ts';
import type { CommandMaker } from './command.ts';
import {
  type CreateBuffer,
  type ForwardBudget,
  type ForwardCommands,
  ForwardIterations,
  forwardParts,
  packTriangle,
} from './forward-iterations.ts';
import type { ForwardRun } from './forward-run.ts';
import { MAX_PARTICLES, type ParticleMethod } from './inversion-method.ts';

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

export class ParticleEngine extends ForwardIterations {
  readonly method: ParticleMethod;

  private constructor(parts: Awaited<ReturnType<typeof forwardParts>>, method: ParticleMethod) {
    super(parts);
    this.method = method;
  }

  /** @throws LimitError before anything is allocated; OutOfMemoryError. */
  static async create(forward: ForwardRun, method: ParticleMethod, seed: number): Promise<ParticleEngine> {
    const { gpu, model } = forward;
    const spec = specOf(model, method);
    checkParticles(gpu.device, spec, forward.members);
    const parts = await forwardParts(
      { forward, seed, members: method.particles },
      { members: membersKernel({ dim: model.dim, source: 'particle' }), ...ensembleKernels(spec) },
      (create) => createBuffers(create, model, spec),
      (maker) => particleCommands(maker, spec),
    );
    return new ParticleEngine(parts, method);
  }

  /** Particles in search coordinates, row by row, and budgets. */
  start(particles: Float64Array, budget: ForwardBudget): void {
    const { queue } = this.gpu.device;
    const { members, dim, method } = this;
    if (particles.length !== members * dim) {
      throw new OptionError(
        `an ensemble of ${members} particles with ${dim} parameters has ${members * dim} numbers, not ${particles.length}`,
      );
    }
    this.begin(budget, { samples: members, rate: method.step ?? 0 }, { fresh: members });
    const ensemble = new Float32Array(ensembleSize(dim));
    ensemble[ensembleField.lowest] = -NO_VALUE;
    queue.writeBuffer(this.named.ms_particles!, 0, Float32Array.from(particles));
    queue.writeBuffer(this.named.ms_ensemble!, 0, ensemble);
  }

  /** Control block and ensemble, read back now. */
  async read(): Promise<EnsembleState> {
    const { device } = this.gpu;
    const { named } = this;
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

function createBuffers(create: CreateBuffer, model: ForwardModel, spec: EnsembleSpec): void {
  const { dim, particles, rule } = spec;
  const rows = ensembleRows(spec);
  create('ms_ensemble', ensembleSize(dim));
  create('ms_particles', particles * dim);
  create('ms_deviations', particles * dim);
  create('ms_responses', particles * rows);
  create('ms_innovations', particles * rows);
  create('ms_gram', triangle(particles));
  create('ms_weights', particles ** 2);
  if (rule === 'sampler' && model.prior.correlation) create('ms_prior', packTriangle(model.prior.correlation.inverse, dim));
}

function particleCommands(maker: CommandMaker, spec: EnsembleSpec): ForwardCommands {
  const work = ensembleWork(spec);
  const after = ensembleOrder[spec.rule].map((name) => {
    const own = work[name];
    return maker.make(name, {}, () => gridOf('workgroups' in own ? own.workgroups : Math.ceil(own.invocations / LANES)));
  });
  return { before: [maker.make('members', {}, () => gridOf(Math.ceil((spec.particles * spec.dim) / LANES)))], after };
}
