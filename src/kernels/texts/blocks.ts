/** What kernels of more dimensions than are written out are made of: factors in loops, packed in blocks of 4 x 4, wide blocks of moments. */
export { default as alone } from '../../../shaders/lib/block_alone.wgsl?raw';
export { default as byQuads } from '../../../shaders/lib/block_by_quads.wgsl?raw';
export { default as wideDraws } from '../../../shaders/lib/block_draws_wide.wgsl?raw';
export { default as factorLoops } from '../../../shaders/lib/factor_full.wgsl?raw';
export { default as factor } from '../../../shaders/lib/factor_packed.wgsl?raw';
export { default as pack } from '../../../shaders/lib/pack_blocks.wgsl?raw';
export { default as solve } from '../../../shaders/lib/solve_packed.wgsl?raw';
export { default as square } from '../../../shaders/lib/square_packed.wgsl?raw';
