/** The normals of a chunk, each component's with mean 0 and covariance I exactly: what `sample` and `draw` then read as their nodes. */
import reduce from '../../shaders/lib/reduce.wgsl?raw';
import whiten from '../../shaders/whiten.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { aloneModule, declare, drawModules, shared } from './compose.ts';
import { reductionLanes } from './state.ts';

export interface WhitenSpec {
  dim: number;
  /** Samples of a component, d + 1 or more, all of them in the chunk. */
  samples: number;
}

/** Writes `ms_eps` (the chunk's). One workgroup a component of the chunk. */
export function whitenKernel(spec: WhitenSpec): KernelSource {
  return compose({
    label: 'whiten',
    lanes: reductionLanes(spec.samples),
    constants: { DIM: spec.dim },
    bindings: [...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'), ...declare('write', 'ms_eps')],
    modules: [...Object.values(shared), aloneModule, reduce, ...drawModules(spec.dim), whiten],
  });
}
