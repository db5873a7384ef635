/** Standard normals from random words: Box and Muller 1958. */
import type { Vector } from './matrix.ts';
import { purpose, randomWords, type Words2 } from './philox.ts';

/** The middle of one of 2^23 equal cells of (0, 1). */
export const uniform = (word: number): number => ((word >>> 9) + 0.5) / 2 ** 23;

export function normalPair(first: number, second: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(uniform(first)));
  const angle = 2 * Math.PI * uniform(second);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** The `dim` normals of a sample (of a component, or of the shared batch), four to a block. */
export function drawNormals(dim: number, sample: number, component: number, round: number, seed: Words2): Vector {
  const eps: Vector = [];
  for (let block = 0; eps.length < dim; block++) {
    const words = randomWords(block, purpose.draw, sample, component, round, seed);
    eps.push(...normalPair(words[0], words[1]), ...normalPair(words[2], words[3]));
  }
  return eps.slice(0, dim);
}
