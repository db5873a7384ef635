/** Rows of a batch that all components share: where they lie, what they count, and how a component sees them. */
export { default as placeRow } from '../../../shaders/lib/place_row_shared.wgsl?raw';
export { default as ring } from '../../../shaders/lib/ring.wgsl?raw';
export { default as weightIndex } from '../../../shaders/lib/weight_index.wgsl?raw';
export { default as weight } from '../../../shaders/lib/weight_shared.wgsl?raw';
