/** Steps of a size of a component's own, within a trust region, or by the eigenvalues of its moments. */
export { default as meanSide } from '../../../shaders/lib/mean_side.wgsl?raw';
export { default as own } from '../../../shaders/lib/rate_own.wgsl?raw';
export { default as spectral } from '../../../shaders/lib/rate_spectral.wgsl?raw';
export { default as spectrum } from '../../../shaders/lib/spectrum_full.wgsl?raw';
export { default as exponential } from '../../../shaders/lib/step_exponential.wgsl?raw';
export { default as trustRegion } from '../../../shaders/lib/trust_region.wgsl?raw';
