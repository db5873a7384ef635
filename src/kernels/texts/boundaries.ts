/** Boundaries of a search other than the penalty, and the cost that points beyond them do not have. */
export { default as clamp } from '../../../shaders/lib/boundary_clamp.wgsl?raw';
export { default as none } from '../../../shaders/lib/boundary_none.wgsl?raw';
export { default as reflect } from '../../../shaders/lib/boundary_reflect.wgsl?raw';
export { default as smooth } from '../../../shaders/lib/boundary_smooth.wgsl?raw';
export { default as costNone } from '../../../shaders/lib/cost_none.wgsl?raw';
