/** The normals of a chunk, each component's with mean 0 and covariance I exactly: what `sample` and `draw` then read as their nodes. */
import whiten from '../../shaders/whiten.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { aloneModules, declare, drawModules, shared } from './compose.ts';
import { reduction } from './reduction.ts';
import { reductionLanes } from './state.ts';

export interface WhitenSpec {
  dim: number;
  /** Samples of a component, d + 1 or more, all of them in the chunk. */
  samples: number;
}

/** Writes `ms_eps` (the chunk's). One workgroup a component of the chunk. */
export function whitenKernel(spec: WhitenSpec): KernelSource {
  const lanes = reductionLanes(spec.samples);
  return compose({
    label: 'whiten',
    lanes,
    constants: { DIM: spec.dim },
    bindings: [...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'), ...declare('write', 'ms_eps')],
    modules: [...Object.values(shared), ...aloneModules, ...reduction(lanes), ...drawModules(spec.dim), whiten],
  });
}
