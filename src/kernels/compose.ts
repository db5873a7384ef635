/**
 * What kernels are put together from: shared modules, the declared resources, and the objective's text.
 */
import boundaryPenalise from '../../shaders/lib/boundary_penalise.wgsl?raw';
import density from '../../shaders/lib/density.wgsl?raw';
import drawAlone from '../../shaders/lib/draw_alone.wgsl?raw';
import drawGroup from '../../shaders/lib/draw_group.wgsl?raw';
import drawNormals from '../../shaders/lib/draw_normals.wgsl?raw';
import drawWhitened from '../../shaders/lib/draw_whitened.wgsl?raw';
import draws from '../../shaders/lib/draws.wgsl?raw';
import evaluate from '../../shaders/lib/evaluate.wgsl?raw';
import evaluateGradient from '../../shaders/lib/evaluate_gradient.wgsl?raw';
import evaluatePenalty from '../../shaders/lib/evaluate_penalty.wgsl?raw';
import group1 from '../../shaders/lib/group_1.wgsl?raw';
import group4 from '../../shaders/lib/group_4.wgsl?raw';
import group8 from '../../shaders/lib/group_8.wgsl?raw';
import normal from '../../shaders/lib/normal.wgsl?raw';
import normalsEach from '../../shaders/lib/normals_each.wgsl?raw';
import numbers from '../../shaders/lib/numbers.wgsl?raw';
import pairsFull from '../../shaders/lib/pairs_full.wgsl?raw';
import philox from '../../shaders/lib/philox.wgsl?raw';
import rawLoaded from '../../shaders/lib/raw_loaded.wgsl?raw';
import rawLoadedGradient from '../../shaders/lib/raw_loaded_gradient.wgsl?raw';
import rawWgsl from '../../shaders/lib/raw_wgsl.wgsl?raw';
import rawWgslGradient from '../../shaders/lib/raw_wgsl_gradient.wgsl?raw';
import readsAlone from '../../shaders/lib/reads_alone.wgsl?raw';
import seeNothing from '../../shaders/lib/see_nothing.wgsl?raw';
import startAlone from '../../shaders/lib/start_alone.wgsl?raw';
import state from '../../shaders/lib/state.wgsl?raw';
import triangle from '../../shaders/lib/triangle.wgsl?raw';
import weightOwn from '../../shaders/lib/weight_own.wgsl?raw';
import type { Binding, Module, UserText } from '../gpu/wgsl.ts';
import { holdNothing, MAX_UNROLLED_DIM, ownPacking, unrolledFactor, unrolledGroupDraws, unrolledNormals } from './factor-unrolled.ts';
import { batch, beyond, blocks, bounded, diagonal, group2, hessian, quadFactor, quads } from './rare.ts';
import { type Covariance, pairs } from './state.ts';
import { unrolled } from './unroll.ts';

/** How samples beyond the box are treated; see shaders/lib/boundary_*.wgsl. */
export type Boundary = 'reflect' | 'clamp' | 'penalise' | 'smooth' | 'bounded' | 'none';

/** What of the objective an estimator reads. */
export type Derivatives = 'value' | 'gradient' | 'hessian';

/** The objective as kernels see it. */
export interface ObjectiveText {
  /** The user's WGSL; undefined when the objective runs elsewhere and its values are loaded. */
  readonly user?: UserText | undefined;
  /** The text defines only `value_and_gradient`, so `objective` is made from it. */
  readonly valueFromGradient?: boolean;
  /** Names of the user's arrays. */
  readonly data: readonly string[];
  /** 1 to maximise, -1 to minimise. */
  readonly sense: 1 | -1;
}

const types: Record<string, string> = {
  ms_control: 'ms_Control',
  ms_params: 'ms_Params',
  ms_chunk: 'ms_Chunk',
  ms_batch: 'ms_Batch',
  ms_step: 'ms_SortStep',
  ms_box: 'array<vec4f, DIM>',
  ms_transforms: 'array<vec4f, DIM>',
  ms_values: 'array<vec4f>',
  ms_packed: 'array<vec4f>',
  ms_order: 'array<vec2u>',
  ms_statuses: 'array<u32>',
  ms_rows_of: 'array<vec4u>',
};

/** Declares resources, all others being `array<f32>`. */
export function declare(kind: Binding['kind'], ...names: string[]): Binding[] {
  return names.map((name) => ({ name, kind, type: types[name] ?? 'array<f32>' }));
}

export const shared = { numbers, state, philox, normal } as const;

/**
 * How an invocation takes its samples: how many side by side, sharing each parameter that it reads, and the memory that packed parameters
 * are read from.
 */
export interface Grouping {
  size: 1 | 2 | 4 | 8;
  memory: 'uniform' | 'storage';
  /**
   * Neighbouring invocations read packed parameters for each other, on software adapters with the feature `subgroups`: in kernels that go
   * through the components together.
   */
  quads?: boolean;
}

/** One sample an invocation, parameters from the records themselves. */
export const ALONE: Grouping = { size: 1, memory: 'storage' };

const groups: Record<Grouping['size'], Module> = { 1: group1, 2: group2, 4: group4, 8: group8 };

/** Groups of one, for kernels without factors. */
export const aloneModules: readonly Module[] = [group1, readsAlone];

/** `ms_main`, of kernels that may be read for by quads: it calls their `ms_start`. */
export const startModule = (byQuads = false): Module => (byQuads ? quads('start') : startAlone);

/** `ms_needed`: whether any of the invocations that read for each other needs something. */
export const readsModule = (byQuads = false): Module => (byQuads ? quads('reads') : readsAlone);

/** Groups of samples share full covariances packed into vectors (see pack.ts). */
const isPacked = (covariance: Covariance, grouping: Grouping): boolean => covariance === 'full' && grouping.size > 1;

/** Only what is packed is read by quads. */
export const readsByQuads = (covariance: Covariance, grouping: Grouping = ALONE): boolean =>
  isPacked(covariance, grouping) && grouping.quads === true;

/**
 * Placing and whitening a group of points by a component's factors: written out for small dimensions, in loops above.
 * `ms_hold` comes before a component's `ms_whiten` and `ms_add_precision_times`. Goes with {@link factorBindings}.
 */
export const factorModules = (covariance: Covariance, dim: number, grouping: Grouping = ALONE): Module[] =>
  factorTexts(covariance, dim, grouping.size, isPacked(covariance, grouping), false);

/** The same where all invocations of a workgroup go through the components together: read by quads, if the grouping says so. */
export const togetherModules = (covariance: Covariance, dim: number, grouping: Grouping = ALONE): Module[] =>
  factorTexts(covariance, dim, grouping.size, isPacked(covariance, grouping), readsByQuads(covariance, grouping));

/** The same for a group that needs no component's factors but its own: nothing is packed. */
export const ownFactorModules = (covariance: Covariance, dim: number, size: Grouping['size']): Module[] =>
  factorTexts(covariance, dim, size, false, false);

function factorTexts(covariance: Covariance, dim: number, size: Grouping['size'], packed: boolean, byQuads: boolean): Module[] {
  const group = [...(size > 1 ? unrolled(dim, [groups[size]]) : [groups[1]]), readsModule(byQuads)];
  if (covariance === 'diagonal') return [...group, holdNothing, diagonal('factor')];
  if (byQuads) return [...group, quadFactor(dim)];
  if (dim <= MAX_UNROLLED_DIM) return [...group, unrolledFactor(dim, packed ? ownPacking(dim) : undefined)];
  return [
    ...group,
    holdNothing,
    ...(packed ? [blocks('factor'), blocks('alone'), blocks('solve'), blocks('square')] : [blocks('factorLoops')]),
  ];
}

/** Vectors of packed parameters that a uniform holds on every device (64 KiB): its length is fixed, so that texts do not depend on K. */
export const UNIFORM_VECTORS = 4096;

/** Vectors that the buffer of packed parameters takes. */
export const packedRoom = (dim: number, components: number, { memory }: Grouping): number =>
  memory === 'uniform' ? UNIFORM_VECTORS : components * packedVectors(dim);

/** Where the factors are read from. */
export function factorBindings(covariance: Covariance, grouping: Grouping = ALONE): Binding[] {
  const bindings = declare('read', 'ms_components', 'ms_factors');
  if (!isPacked(covariance, grouping)) return bindings;
  const uniform = grouping.memory === 'uniform';
  const type = uniform ? `array<vec4f, ${UNIFORM_VECTORS}>` : 'array<vec4f>';
  return [...bindings, { name: 'ms_packed', kind: uniform ? 'uniform' : 'read', type }];
}

/** Vectors of a component's packed parameters: head, mean and L^-1, number by number for small d, in blocks above. */
export function packedVectors(dim: number): number {
  if (dim <= MAX_UNROLLED_DIM) return Math.ceil((3 + dim + pairs(dim, 'full')) / 4);
  const rows = Math.ceil(dim / 4);
  return 1 + rows + 2 * rows * (rows + 1);
}

/** Where a sample's normals come from: drawn on the spot, or left in `ms_eps` by the whiten kernel. */
export type Nodes = 'drawn' | 'whitened';

/** The places of an iteration's draws. */
export const drawsModule: string = draws;

/** The places of an iteration's draws, and the draws themselves. */
export const drawModules = (dim: number, nodes: Nodes = 'drawn'): string[] => [
  draws,
  nodes === 'whitened' ? drawWhitened : dim <= MAX_UNROLLED_DIM ? unrolledNormals(dim) : drawNormals,
];

/**
 * The draws of groups of samples. Whitened nodes are read one sample at a time.
 */
export function groupDrawModules(dim: number, nodes: Nodes | undefined, size: Grouping['size'] = 1): string[] {
  if (size === 1) return [...drawModules(dim, nodes), drawAlone];
  return [draws, normalsEach, dim <= MAX_UNROLLED_DIM ? unrolledGroupDraws(dim, size) : drawGroup];
}

/** Where a component's samples lie and what each counts: its own, or a shared batch's rows by importance. */
export const weightModules = (sharedBatch: boolean): Module[] =>
  sharedBatch ? [batch('ring'), batch('weightIndex'), batch('weight')] : [weightOwn];

export const pairsModules = (covariance: Covariance): Module[] => [triangle, covariance === 'full' ? pairsFull : diagonal('pairs')];

/** Log q with as many derivatives as asked for. */
export function densityModules(derivatives: Derivatives, covariance: Covariance, dim: number, grouping: Grouping = ALONE): Module[] {
  const modules = [...unrolled(dim, [density]), seeNothing, ...togetherModules(covariance, dim, grouping)];
  if (derivatives === 'hessian') modules.push(hessian('density'), covariance === 'full' ? hessian('curvature') : diagonal('curvature'));
  return modules;
}

/** Each with what it takes off the value. */
const boundaries: Record<Boundary, readonly Module[]> = {
  reflect: [beyond('reflect'), beyond('costNone')],
  clamp: [beyond('clamp'), beyond('costNone')],
  penalise: [boundaryPenalise, evaluatePenalty],
  smooth: [beyond('smooth'), beyond('costNone')],
  bounded: [bounded],
  none: [beyond('none'), beyond('costNone')],
};

/** `ms_user_point` alone: from search to user coordinates. */
export const boundaryModules = (boundary: Boundary): Module[] => [evaluate, ...boundaries[boundary]];

const objectiveFromGradient = `fn objective(x: Point) -> f32 {
  var gradient: Point;
  return value_and_gradient(x, &gradient);
}
`;

/** `ms_evaluate...` for an objective: the transforms and the objective's own value, gradient and Hessian. */
export function objectiveModules(objective: ObjectiveText, derivatives: Derivatives, boundary: Boundary): Module[] {
  const modules = boundaryModules(boundary);
  const loaded = objective.user === undefined;
  modules.push(loaded ? rawLoaded : rawWgsl);
  if (objective.valueFromGradient) modules.push(objectiveFromGradient);
  if (derivatives !== 'value') modules.push(evaluateGradient, loaded ? rawLoadedGradient : rawWgslGradient);
  if (derivatives === 'hessian') modules.push(hessian('evaluate'), hessian('raw'));
  return modules;
}

/** The resources an objective needs: its data, or the values (and gradients) it left behind. */
export function objectiveBindings(objective: ObjectiveText, derivatives: Derivatives): Binding[] {
  if (objective.user) return declare('read', ...objective.data);
  return declare('read', 'ms_loaded_values', ...(derivatives === 'value' ? [] : ['ms_loaded_gradients']));
}

export const senseText = (objective: ObjectiveText): string => (objective.sense === 1 ? '1.0' : '-1.0');
