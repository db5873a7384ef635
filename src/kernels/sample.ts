/** Kernel A for own samples: draw + evaluate + log q. */
import keepDraws from '../../shaders/lib/keep_draws.wgsl?raw';
import sampleGradient from '../../shaders/lib/sample_gradient.wgsl?raw';
import sampleValue from '../../shaders/lib/sample_value.wgsl?raw';
import sample from '../../shaders/sample.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import {
  type Boundary,
  type Derivatives,
  declare,
  densityModules,
  factorBindings,
  type Grouping,
  groupDrawModules,
  type Nodes,
  type ObjectiveText,
  objectiveBindings,
  objectiveModules,
  pairsModules,
  readsByQuads,
  senseText,
  shared,
  startModule,
} from './compose.ts';
import { hessian, placed } from './rare.ts';
import type { Covariance } from './state.ts';
import { unrolled } from './unroll.ts';

export interface SampleSpec {
  dim: number;
  covariance: Covariance;
  derivatives: Derivatives;
  boundary: Boundary;
  /** Default: drawn. */
  nodes?: Nodes | undefined;
  objective: ObjectiveText;
  /** Default: one sample an invocation; the Hessian has no other. */
  grouping?: Grouping | undefined;
  /** Of values: their places are left in `ms_points` for the density kernel, which completes `ms_values`. */
  placed?: boolean | undefined;
}

/** Reads `ms_components`, `ms_factors` (and whitened nodes in `ms_eps`); writes `ms_values` (all samples), `ms_eps` and `ms_slopes` (the chunk's). */
export function sampleKernel(spec: SampleSpec): KernelSource {
  const per = { value: spec.placed ? placed : sampleValue, gradient: sampleGradient, hessian: hessian('sample') }[spec.derivatives];
  const each = [...objectiveModules(spec.objective, spec.derivatives, spec.boundary), keepDraws, per, sample];
  const byQuads = readsByQuads(spec.covariance, spec.grouping);
  return compose({
    label: 'sample',
    subgroups: byQuads,
    constants: { DIM: spec.dim, ms_SENSE: senseText(spec.objective), ms_SHARES: false },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk', 'ms_box'),
      ...factorBindings(spec.covariance, spec.grouping),
      ...declare(
        'write',
        'ms_values',
        'ms_eps',
        ...(spec.derivatives === 'value' ? [] : ['ms_slopes']),
        ...(spec.placed ? ['ms_points'] : []),
      ),
      ...objectiveBindings(spec.objective, spec.derivatives),
    ],
    user: spec.objective.user,
    modules: [
      ...Object.values(shared),
      startModule(byQuads),
      ...(spec.derivatives === 'hessian' ? pairsModules(spec.covariance) : []),
      ...densityModules(spec.derivatives, spec.covariance, spec.dim, spec.grouping),
      ...groupDrawModules(spec.dim, spec.nodes, spec.grouping?.size),
      // A Hessian's loops run over its entries too.
      ...(spec.derivatives === 'hessian' ? each : unrolled(spec.dim, each)),
    ],
  });
}
