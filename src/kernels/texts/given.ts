/** Steps from moments that are given whole, and to a Gaussian that is. */
export { default as combine } from '../../../shaders/lib/combine_given.wgsl?raw';
export { default as pivotHeld } from '../../../shaders/lib/pivot_held.wgsl?raw';
export { default as stepFactor } from '../../../shaders/lib/step_factor.wgsl?raw';
export { default as match } from '../../../shaders/lib/step_match.wgsl?raw';
