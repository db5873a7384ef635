/** Kernel A for a shared batch: draw from the mixture (or evenly, or as allotted) and evaluate. */
import choose from '../../shaders/lib/choose.wgsl?raw';
import sharedGradient from '../../shaders/lib/shared_gradient.wgsl?raw';
import sharedValue from '../../shaders/lib/shared_value.wgsl?raw';
import sharedSample from '../../shaders/shared_sample.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import {
  type Boundary,
  declare,
  drawModules,
  factorModules,
  type ObjectiveText,
  objectiveBindings,
  objectiveModules,
  senseText,
  shared,
} from './compose.ts';
import { batch } from './rare.ts';
import type { Covariance } from './state.ts';

/** Where a shared batch comes from: the mixture, all components alike, the same number from each, or the number allotted to each. */
export type Proposal = 'mixture' | 'flat' | 'stratified' | 'component';
export const proposalNumber: Record<Proposal, number> = { mixture: 0, flat: 1, stratified: 2, component: 3 };

export interface SharedSampleSpec {
  dim: number;
  covariance: Covariance;
  derivatives: 'value' | 'gradient';
  boundary: Boundary;
  proposal: Proposal;
  objective: ObjectiveText;
}

/** Reads `ms_components`, `ms_factors`; writes l and origin into `ms_values`, `ms_points` and `ms_point_slopes`. */
export function sharedSampleKernel(spec: SharedSampleSpec): KernelSource {
  return compose({
    label: 'shared sample',
    constants: {
      DIM: spec.dim,
      ms_SENSE: senseText(spec.objective),
      ms_PROPOSAL: proposalNumber[spec.proposal],
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
      ...factorModules(spec.covariance, spec.dim),
      ...objectiveModules(spec.objective, spec.derivatives, spec.boundary),
      ...drawModules(spec.dim),
      batch('ring'),
      choose,
      spec.derivatives === 'value' ? sharedValue : sharedGradient,
      sharedSample,
    ],
  });
}
