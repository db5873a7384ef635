/** Rows that are counted out anew each iteration, by rewards. */
export { adaptKernel, historySize } from './adapt.ts';
export { pastDensityKernel, pastSize, pastWorkgroups } from './past.ts';
export { rewardKernel } from './reward.ts';
