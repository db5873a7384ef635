/** The mixture's density at own samples of many dimensions, as products of matrices in workgroup memory. */
import densityTiles from '../../shaders/density_tiles.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { aloneModules, declare, shared } from './compose.ts';
import { MAX_UNROLLED_DIM } from './factor-unrolled.ts';

/** Samples a workgroup. */
export const TILE = 64;

/** Reads `ms_points` (the chunk's), `ms_packed` and what the sample kernel left in `ms_values`, where it completes f and log q. */
export function densityTilesKernel({ dim }: { dim: number }): KernelSource {
  if (dim <= MAX_UNROLLED_DIM) throw new RangeError(`parameters are packed in blocks beyond d = ${MAX_UNROLLED_DIM}, not at ${dim}`);
  return compose({
    label: 'density',
    lanes: 256,
    workgroupBytes: 3 * 16 * 256,
    constants: { DIM: dim },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...declare('read', 'ms_packed', 'ms_points'),
      ...declare('write', 'ms_values'),
    ],
    modules: [shared.numbers, shared.state, ...aloneModules, densityTiles],
  });
}
