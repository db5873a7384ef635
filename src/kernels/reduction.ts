/** Sums over a workgroup, and the largest of its numbers with its place. */
import reduce from '../../shaders/lib/reduce.wgsl?raw';
import reduceFew from '../../shaders/lib/reduce_few.wgsl?raw';
import reduceMany from '../../shaders/lib/reduce_many.wgsl?raw';

/** For a kernel of so many lanes. Few have less text each time they reduce, which is half of what a driver compiles of such a kernel. */
export const reduction = (lanes: number): string[] => [reduce, lanes <= 32 ? reduceFew : reduceMany];
