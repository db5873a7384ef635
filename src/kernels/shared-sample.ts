/** Kernel A for a shared batch: draw from the mixture (or evenly, or as allotted) and evaluate. */
import choose from '../../shaders/lib/choose.wgsl?raw';
import sharedGradient from '../../shaders/lib/shared_gradient.wgsl?raw';
import sharedValue from '../../shaders/lib/shared_value.wgsl?raw';
import sharedSample from '../../shaders/shared_sample.wgsl?raw';
import { type Constants, compose, type KernelSource } from '../gpu/wgsl.ts';
import {
  type Boundary,
  declare,
  type Grouping,
  groupDrawModules,
  type ObjectiveText,
  objectiveBindings,
  objectiveModules,
  ownFactorModules,
  senseText,
  shared,
} from './compose.ts';
import { batch } from './rare.ts';
import { type Covariance, LEAF } from './state.ts';

/** Where a shared batch comes from: the mixture, all components alike, the same number from each, or the number allotted to each. */
export type Proposal = 'mixture' | 'flat' | 'stratified' | 'component';
export const proposalNumber: Record<Proposal, number> = { mixture: 0, flat: 1, stratified: 2, component: 3 };

/** Rows that come from one component together, and their distance (shaders/lib/choose.wgsl): a leaf of its usual size has no two of them. */
const TOGETHER = 8;
const APART: number = LEAF;
/** From so many rows on: eight of fewer would be too many of a small component at once. */
export const TOGETHER_FROM = 16384;

/** Constants of shaders/lib/choose.wgsl. */
export const chooseConstants = (proposal: Proposal, together = false): Constants => ({
  ms_PROPOSAL: proposalNumber[proposal],
  ms_APART: APART,
  ms_TOGETHER: together ? TOGETHER : 1,
});

/** Whether rows of a batch come from one component by eights, so that an invocation may draw some side by side. */
export const comesTogether = (proposal: Proposal, rows: number): boolean =>
  (proposal === 'mixture' || proposal === 'flat') && rows >= TOGETHER_FROM;

/** Invocations that draw the fresh rows from `first` to `end`, `size` each. */
export function freshInvocations(first: number, end: number, size: number): number {
  const block = size * APART;
  return end <= first ? 0 : APART * (Math.ceil(end / block) - Math.floor(first / block));
}

export interface SharedSampleSpec {
  dim: number;
  covariance: Covariance;
  derivatives: 'value' | 'gradient';
  boundary: Boundary;
  proposal: Proposal;
  objective: ObjectiveText;
  /** Default: each row by itself. See {@link comesTogether}. */
  together?: boolean;
  /** Rows an invocation draws: default 1, the only one where rows do not come together. */
  size?: Grouping['size'];
}

/** Reads `ms_components`, `ms_factors`; writes l and origin into `ms_values`, `ms_points` and `ms_point_slopes`. */
export function sharedSampleKernel(spec: SharedSampleSpec): KernelSource {
  const { size = 1, together } = spec;
  if (size > 1 && !together) throw new RangeError('rows that do not come together are drawn one by one');
  return compose({
    label: 'shared sample',
    constants: {
      DIM: spec.dim,
      ms_SENSE: senseText(spec.objective),
      ...chooseConstants(spec.proposal, together),
    },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk', 'ms_box'),
      ...declare('read', 'ms_components', 'ms_factors'),
      ...declare('write', 'ms_values', 'ms_points', ...(spec.derivatives === 'value' ? [] : ['ms_point_slopes'])),
      ...objectiveBindings(spec.objective, spec.derivatives),
    ],
    user: spec.objective.user,
    modules: [
      ...Object.values(shared),
      ...ownFactorModules(spec.covariance, spec.dim, size),
      ...groupDrawModules(spec.dim, undefined, size),
      batch('ring'),
      choose,
      ...objectiveModules(spec.objective, spec.derivatives, spec.boundary),
      spec.derivatives === 'value' ? sharedValue : sharedGradient,
      sharedSample,
    ],
  });
}
