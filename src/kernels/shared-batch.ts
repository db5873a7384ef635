/** Samples of one batch that all components share. */
export { logRatioKernel } from './log-ratio.ts';
export { reweighKernel } from './reweigh.ts';
export { sharedSampleKernel } from './shared-sample.ts';
