/** Every component's parameters in vectors of four, for kernels whose invocations take groups of samples. */
import packUnrolled from '../../shaders/lib/pack_unrolled.wgsl?raw';
import triangle from '../../shaders/lib/triangle.wgsl?raw';
import pack from '../../shaders/pack.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';
import { MAX_UNROLLED_DIM } from './factor-unrolled.ts';
import { blocks } from './rare.ts';

/** Reads `ms_components`, `ms_factors` (full covariance); writes `ms_packed`. One workgroup a component. */
export function packKernel({ dim }: { dim: number }): KernelSource {
  return compose({
    label: 'pack',
    lanes: 32,
    constants: { DIM: dim },
    bindings: [...declare('uniform', 'ms_control'), ...declare('read', 'ms_components', 'ms_factors'), ...declare('write', 'ms_packed')],
    modules: [shared.state, ...(dim <= MAX_UNROLLED_DIM ? [packUnrolled] : [triangle, blocks('pack')]), pack],
  });
}
