/** Stage 3 alone: log q, its gradient and the responsibilities at given points in search coordinates. */
import batch from '../../shaders/lib/batch.wgsl?raw';
import density from '../../shaders/lib/density.wgsl?raw';
import seeNothing from '../../shaders/lib/see_nothing.wgsl?raw';
import mixtureDensity from '../../shaders/mixture_density.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorModules, shared } from './compose.ts';
import type { Covariance } from './state.ts';

/** Reads `ms_points` row by row; writes `ms_results`, `ms_gradients`, `ms_responsibilities`. */
export function mixtureDensityKernel(spec: { dim: number; covariance: Covariance }): KernelSource {
  return compose({
    label: 'mixture density',
    constants: { DIM: spec.dim, ms_SHARES: false },
    bindings: [
      ...declare('uniform', 'ms_batch'),
      ...declare('read', 'ms_components', 'ms_factors', 'ms_points'),
      ...declare('write', 'ms_results', 'ms_gradients', 'ms_responsibilities'),
    ],
    modules: [shared.numbers, shared.state, ...factorModules(spec.covariance, spec.dim), batch, density, seeNothing, mixtureDensity],
  });
}
