/** The exploration of Gaussian-mixture Kalman inversion: moments of rho^(1-h) around each component. */
import exploreMoments from '../../shaders/explore_moments.wgsl?raw';
import exploreWeight from '../../shaders/explore_weight.wgsl?raw';
import linear from '../../shaders/lib/linear.wgsl?raw';
import triangle from '../../shaders/lib/triangle.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorModules, shared } from './compose.ts';
import { stoppedByControl } from './forward.ts';
import { reduction } from './reduction.ts';
import { momentSize, reductionLanes } from './state.ts';

/** Nodes whose weighted moments are matched; sigma points, which move means only; nothing but the widening. */
export type ExploreRule = 'matched' | 'sigma' | 'none';
const ruleNumber: Record<ExploreRule, number> = { matched: 0, sigma: 1, none: 2 };

export interface ExploreSpec {
  dim: number;
  rule: ExploreRule;
  /** Nodes a component. */
  nodes: number;
}

/** Weights of the nodes into `ms_explored`; from these `ms_moments` and the components' log-weights. */
export function exploreKernels({ dim, rule, nodes }: ExploreSpec): Record<string, KernelSource> {
  const uniforms = declare('uniform', 'ms_control', 'ms_params');
  const modules = [shared.numbers, shared.state, stoppedByControl];
  const lanes = reductionLanes(nodes);
  const moments = compose({
    label: 'explore moments',
    lanes,
    constants: { DIM: dim, ms_MOMENT: momentSize(dim, 'full'), ms_RULE: ruleNumber[rule] },
    bindings: [...uniforms, ...declare('read', 'ms_nodes', 'ms_explored'), ...declare('write', 'ms_components', 'ms_moments')],
    modules: [...modules, triangle, ...reduction(lanes), exploreMoments],
  });
  if (rule === 'none') return { 'explore moments': moments };
  return {
    'explore weight': compose({
      label: 'explore weight',
      constants: { DIM: dim, ms_MATCHED: rule === 'matched' },
      bindings: [...uniforms, ...declare('read', 'ms_components', 'ms_factors', 'ms_nodes'), ...declare('write', 'ms_explored')],
      modules: [...modules, linear, ...factorModules('full', dim), exploreWeight],
    }),
    'explore moments': moments,
  };
}
