/** Between the moments and a step whose size depends on the spectra of all components: the largest |eigenvalue| of each G. */
import cholesky from '../../shaders/lib/cholesky.wgsl?raw';
import combine from '../../shaders/lib/combine.wgsl?raw';
import momentSquares from '../../shaders/lib/moment_squares.wgsl?raw';
import pivotAny from '../../shaders/lib/pivot_any.wgsl?raw';
import stepLimits from '../../shaders/lib/step_limits.wgsl?raw';
import spectrum from '../../shaders/spectrum.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, pairsModules, shared } from './compose.ts';
import { diagonal, stepSizes } from './rare.ts';
import { reduction } from './reduction.ts';
import { combineConstants, type UpdateSpec, updateLanes, workBindings, workModule } from './update.ts';

/** Reads `ms_parts`; writes `ms_components` (radius and summary), `ms_moments` (and `ms_scratch`). The spec is that of the step. */
export function spectrumKernel(spec: UpdateSpec): KernelSource {
  const full = spec.covariance === 'full';
  return compose({
    label: 'spectrum',
    lanes: updateLanes(spec),
    constants: combineConstants(spec),
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params'),
      ...declare('read', 'ms_parts'),
      ...declare('write', 'ms_components', 'ms_moments', ...workBindings(spec)),
    ],
    modules: [
      shared.numbers,
      shared.state,
      ...pairsModules(spec.covariance),
      ...reduction(updateLanes(spec)),
      stepLimits,
      ...(full ? [workModule(spec.dim), pivotAny, cholesky, stepSizes('spectrum')] : [diagonal('spectrum')]),
      momentSquares,
      combine,
      spectrum,
    ],
  });
}
