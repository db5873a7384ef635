/** Partial sums of leaves in buffers with room for more than there is: what a kernel must write, and what it must not. Not a case module. */
import { bestPointOffset, field, NO_VALUE, pairs, partSize, recordSize } from '../../src/kernels/state.ts';
import { leafRanges } from '../reference/moments.ts';
import type { Content, TestMixture } from './kernels-content.ts';
import { expectEqual } from './kernels-tolerance.ts';

export const UNTOUCHED = 12345;

/** Live components and leaves; there is room for one more of each. */
export interface PartsShape {
  dim: number;
  components: number;
  samples: number;
  leaves: number;
}

const size = (dim: number): number => partSize(dim, 'full');

export const emptyParts = ({ dim, components, leaves }: PartsShape): Float32Array<ArrayBuffer> =>
  new Float32Array((components + 1) * (leaves + 1) * size(dim)).fill(UNTOUCHED);

/** What each leaf wrote, by `check`, which says whether its best point was news to its component; everything else is as it was. */
export function checkParts(
  shape: PartsShape,
  parts: Float32Array,
  check: (k: number, range: { first: number; count: number }, part: Float32Array, where: string) => boolean | undefined,
): void {
  const { dim, components, samples, leaves } = shape;
  const draws = 8 + dim + pairs(dim, 'full');
  const free = new Uint8Array(parts.length).fill(1);
  for (let k = 0; k < components; k++) {
    leafRanges(samples, leaves).forEach((range, leaf) => {
      const at = (k * (leaves + 1) + leaf) * size(dim);
      const news = check(k, range, parts.subarray(at, at + size(dim)), `leaf ${leaf} of component ${k}`);
      free.fill(0, at, at + draws);
      // A spare number, and draws that only leaves without a centre sum.
      free[at + 7] = 1;
      if (news !== false) free.fill(0, at + draws + dim, at + draws + 2 * dim);
    });
  }
  free.forEach((is, i) => {
    if (is) expectEqual(`part entry ${i}, which is no one's`, parts[i], UNTOUCHED);
  });
}

/** Of each component the best value so far: none, more than any, or about what its leaves find. */
export function setBests(random: Content, { dim, records, components }: TestMixture, likely: (k: number) => number): number[] {
  return components.map((_, k) => {
    const best = Math.fround([NO_VALUE, 1e20, likely(k)][random.integer(3)]);
    records[k * recordSize(dim) + field.best] = best;
    // No kernel of a leaf reads the point itself.
    records.fill(Number.NaN, k * recordSize(dim) + bestPointOffset(dim), (k + 1) * recordSize(dim));
    return best;
  });
}
