/**
 * The loop of inversion by sigma points on the GPU: exploration, members, model runs, moments, step, weights. Iterations are encoded
 * many a submit, where the model lets them.
 */
import { readBuffer } from '../gpu/buffers.ts';
import { gridOf } from '../gpu/pipelines.ts';
import type { KernelSource } from '../gpu/wgsl.ts';
import { controlKernel } from '../kernels/control.ts';
import { type ExploreRule, exploreKernels } from '../kernels/explore.ts';
import { membersKernel } from '../kernels/forward.ts';
import { entropyKernels, kalmanKernels, type PriorKind, priorKernel, sigmaMomentsKernel, slopesKernel } from '../kernels/sigma.ts';
import { controlLayout, LANES, momentSize, recordSize, unpack } from '../kernels/state.ts';
import { needsScratch, updateKernel } from '../kernels/update.ts';
import type { Start } from '../mixture/start.ts';
import type { ForwardModel } from '../objective/forward.ts';
import type { Command, CommandMaker } from './command.ts';
import type { EngineState } from './engine.ts';
import { firstMixture } from './first-mixture.ts';
import {
  type CreateBuffer,
  type ForwardBudget,
  type ForwardCommands,
  ForwardIterations,
  forwardParts,
  packTriangle,
} from './forward-iterations.ts';
import type { ForwardRun } from './forward-run.ts';
import type { Exploration, SigmaMethod } from './inversion-method.ts';
import { checkInversion, checkNodes, entropyNodes, explorationNodes, membersOf } from './inversion-plan.ts';
import { DEVIATION_FLOOR } from './start-state.ts';

const triangle = (size: number): number => (size * (size + 1)) / 2;
const exploreRule = (rule: Exploration['rule']): ExploreRule => (rule === 'none' || rule === 'sigma' ? rule : 'matched');

export class InversionEngine extends ForwardIterations {
  readonly method: SigmaMethod;
  readonly components: number;
  readonly #nodes: number;

  private constructor(parts: Awaited<ReturnType<typeof forwardParts>>, method: SigmaMethod, components: number, nodes: number) {
    super(parts);
    this.method = method;
    this.components = components;
    this.#nodes = nodes;
  }

  /** @throws LimitError before anything is allocated; OutOfMemoryError. */
  static async create(forward: ForwardRun, method: SigmaMethod, components: number, seed: number): Promise<InversionEngine> {
    const { gpu, model } = forward;
    const { exploration, entropy } = method;
    if (exploration) checkNodes(gpu.device, exploration, model.dim);
    const nodes = exploration ? explorationNodes(exploration, model.dim, seed) : entropyNodes(entropy ?? 'mean', model.dim);
    const count = nodes?.count ?? 0;
    checkInversion(gpu.device, model, method, components, nodes);
    const parts = await forwardParts(
      { forward, seed, members: membersOf(components, model.dim) },
      inversionKernels(model, method, components, count),
      (create) => createBuffers(create, model, method, components, count),
      (maker) => inversionCommands(maker, model, method, components, count),
    );
    if (nodes) gpu.device.queue.writeBuffer(parts.named.ms_nodes!, 0, Float32Array.from(nodes.rows));
    return new InversionEngine(parts, method, components, count);
  }

  /** A mixture in search coordinates, and budgets. */
  start(start: Start, budget: ForwardBudget): void {
    const { queue } = this.gpu.device;
    const { dim, components, method } = this;
    const { rows, factors } = firstMixture(start, dim, components, 'full');
    const params = {
      components,
      samples: this.#nodes,
      leaves: 1,
      draw_scale: method.spread,
      deviation_floor: DEVIATION_FLOOR,
      rate: method.step,
      rate_limit: 3e38,
      mean_ratio: 1,
      weight_ratio: 1,
      weight_floor: method.weightFloor,
      temperature_ratio: 1,
      capacity: components,
    };
    this.begin(budget, params, { components, leaves: 1 });
    queue.writeBuffer(this.named.ms_components!, 0, rows);
    queue.writeBuffer(this.named.ms_factors!, 0, factors);
  }

  /** Control block and all components, read back now. */
  async read(): Promise<EngineState> {
    const { device } = this.gpu;
    const { ms_control, ms_components, ms_factors } = this.named as Record<string, GPUBuffer>;
    const [control, components, factors] = await Promise.all(
      [ms_control, ms_components, ms_factors].map((buffer) => readBuffer(device, buffer!)),
    );
    return { control: unpack(controlLayout, control!), components: new Float32Array(components!), factors: new Float32Array(factors!) };
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

function createBuffers(create: CreateBuffer, model: ForwardModel, method: SigmaMethod, components: number, nodes: number): void {
  const { dim, observations, prior } = model;
  create('ms_components', components * recordSize(dim));
  create('ms_factors', components * dim * (dim + 1));
  create('ms_moments', components * momentSize(dim, 'full'));
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
    create('ms_prior', packTriangle(prior.correlation.inverse, dim));
    create('ms_prior_factors', components * (triangle(dim) + dim));
  }
}

function inversionCommands(
  maker: CommandMaker,
  model: ForwardModel,
  method: SigmaMethod,
  components: number,
  nodes: number,
): ForwardCommands {
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
