/** Neighbouring invocations that read for each other. */
export { default as reads } from '../../../shaders/lib/reads_by_quads.wgsl?raw';
export { default as start } from '../../../shaders/lib/start_by_quads.wgsl?raw';
