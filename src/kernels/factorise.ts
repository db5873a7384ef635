/** Batched Cholesky, triangular inverse and log-determinant of covariances, with a status word each. */

import factorise from '../../shaders/factorise.wgsl?raw';
import cholesky from '../../shaders/lib/cholesky.wgsl?raw';
import invertFactor from '../../shaders/lib/invert_factor.wgsl?raw';
import pivotAny from '../../shaders/lib/pivot_any.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorModules, shared } from './compose.ts';
import { reduction } from './reduction.ts';
import { LANES } from './state.ts';
import { MAX_WORKGROUP_DIM, workModule } from './update.ts';

/** Reads `ms_covariances` (packed lower triangles); writes `ms_factors`, `ms_components`, `ms_statuses` (and `ms_scratch`). One workgroup a matrix. */
export function factoriseKernel(spec: { dim: number }): KernelSource {
  return compose({
    label: 'factorise',
    lanes: LANES,
    constants: { DIM: spec.dim },
    bindings: [
      ...declare('read', 'ms_covariances'),
      ...declare('write', 'ms_components', 'ms_factors', 'ms_statuses', ...(spec.dim > MAX_WORKGROUP_DIM ? ['ms_scratch'] : [])),
    ],
    modules: [
      shared.numbers,
      shared.state,
      ...factorModules('full', spec.dim),
      ...reduction(LANES),
      workModule(spec.dim),
      pivotAny,
      cholesky,
      invertFactor,
      factorise,
    ],
  });
}
