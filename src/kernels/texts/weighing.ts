/** Weights that follow rewards, or more than each component's own rate. */
export { default as floorExactly } from '../../../shaders/lib/floor_exactly.wgsl?raw';
export { default as carried } from '../../../shaders/lib/weigh_carried.wgsl?raw';
export { default as exact } from '../../../shaders/lib/weigh_exact.wgsl?raw';
export { default as reward } from '../../../shaders/lib/weigh_reward.wgsl?raw';
