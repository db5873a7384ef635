/** What kernels of diagonal covariances are made of. */
export { default as curvature } from '../../../shaders/lib/curvature_diagonal.wgsl?raw';
export { default as exponential } from '../../../shaders/lib/exponential_diagonal.wgsl?raw';
export { default as factor } from '../../../shaders/lib/factor_diagonal.wgsl?raw';
export { default as pairs } from '../../../shaders/lib/pairs_diagonal.wgsl?raw';
export { default as spectrum } from '../../../shaders/lib/spectrum_diagonal.wgsl?raw';
export { default as step } from '../../../shaders/lib/step_diagonal.wgsl?raw';
export { default as stepFactor } from '../../../shaders/lib/step_factor_diagonal.wgsl?raw';
