/** Stage 1 alone: the chunk's points in user coordinates, for objectives that run elsewhere. */
import draw from '../../shaders/draw.wgsl?raw';
import choose from '../../shaders/lib/choose.wgsl?raw';
import sourceOwn from '../../shaders/lib/source_own.wgsl?raw';
import sourceShared from '../../shaders/lib/source_shared.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { type Boundary, boundaryModules, declare, drawModules, factorModules, type Nodes, shared } from './compose.ts';
import { chooseConstants, type Proposal } from './shared-sample.ts';
import type { Covariance } from './state.ts';

export interface DrawSpec {
  dim: number;
  covariance: Covariance;
  boundary: Boundary;
  /** Undefined: each component's own samples. */
  proposal?: Proposal | undefined;
  /** As the sample kernel has it. */
  together?: boolean | undefined;
  /** Default: drawn. */
  nodes?: Nodes | undefined;
}

const noValue = `fn ms_raw_value(u: ptr<function, Point>, index: u32) -> f32 {
  return 0.0;
}
`;

/** Reads `ms_components`, `ms_factors`; writes `ms_user_points`, row by row. */
export function drawKernel(spec: DrawSpec): KernelSource {
  const source = spec.proposal ? [choose, sourceShared] : [sourceOwn];
  return compose({
    label: 'draw',
    constants: { DIM: spec.dim, ms_SENSE: '1.0', ...(spec.proposal ? chooseConstants(spec.proposal, spec.together) : {}) },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk', 'ms_box'),
      ...declare('read', 'ms_components', 'ms_factors', ...(spec.nodes === 'whitened' ? ['ms_eps'] : [])),
      ...declare('write', 'ms_user_points'),
    ],
    modules: [
      ...Object.values(shared),
      ...factorModules(spec.covariance, spec.dim),
      ...boundaryModules(spec.boundary),
      noValue,
      ...drawModules(spec.dim, spec.nodes),
      ...source,
      draw,
    ],
  });
}
