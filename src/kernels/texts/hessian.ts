/** What kernels are made of that take Hessians of the objective. */
export { default as curvature } from '../../../shaders/lib/curvature_full.wgsl?raw';
export { default as density } from '../../../shaders/lib/density_hessian.wgsl?raw';
export { default as evaluate } from '../../../shaders/lib/evaluate_hessian.wgsl?raw';
export { default as raw } from '../../../shaders/lib/raw_wgsl_hessian.wgsl?raw';
export { default as sample } from '../../../shaders/lib/sample_hessian.wgsl?raw';
