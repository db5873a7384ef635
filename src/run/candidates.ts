/**
 * Start candidates: points of a uniform sample that are higher than their neighbours. Each peak of the landscape that the sample
 * resolves gives about one.
 */
import { purpose, RandomStream } from '../mixture/random.ts';
import type { SearchBox } from '../objective/box.ts';
import type { Evaluator } from '../objective/evaluator.ts';

export interface StartCandidate {
  x: Float64Array;
  value: number;
  /** Distance scale of the sample around it, per axis. */
  scale: Float64Array;
}

/** Points uniform in the box, row by row, in user coordinates. */
export function uniformPoints(box: SearchBox, count: number, seed: number, wave: number): Float64Array {
  const random = new RandomStream(seed, purpose.restart, wave);
  return new Float64Array(count * box.dim).map((_, i) => {
    const axis = i % box.dim;
    return box.lower[axis]! + random.uniform() * (box.upper[axis]! - box.lower[axis]!);
  });
}

/** Local maxima of a uniform sample among their nearest neighbours, best first. `finite` is how many points had a value at all. */
export async function localMaxima(
  evaluator: Evaluator,
  box: SearchBox,
  count: number,
  seed: number,
  wave: number,
): Promise<{ candidates: StartCandidate[]; finite: number }> {
  const { dim } = box;
  const points = uniformPoints(box, count, seed, wave);
  const values = await evaluator.evaluate(points);
  const widths = Float64Array.from(box.lower, (lower, i) => box.upper[i]! - lower);
  const scaled = points.map((x, i) => x / widths[i % dim]!);
  const neighbours = Math.min(count - 1, 2 * dim + 1);
  const around = new Neighbours(scaled, dim);
  const candidates: StartCandidate[] = [];
  let finite = 0;
  for (let i = 0; i < count; i++) {
    if (values[i] === Number.NEGATIVE_INFINITY) continue;
    finite++;
    const nearest = around.nearest(i, neighbours);
    if (nearest.some(({ index }) => values[index]! > values[i]! || (values[index] === values[i] && index < i))) continue;
    const reach = nearest.length > 0 ? Math.sqrt(nearest[0]!.square) : 0.5;
    candidates.push({
      x: points.slice(i * dim, (i + 1) * dim),
      value: values[i]!,
      scale: widths.map((width) => (0.5 * width * reach) / Math.sqrt(dim)),
    });
  }
  candidates.sort((a, b) => b.value - a.value);
  return { candidates, finite };
}

/** Nearest neighbours by a scan outwards along the first axis, which ends where that axis alone is farther than what is known. */
class Neighbours {
  readonly #points: Float64Array;
  readonly #dim: number;
  readonly #order: Uint32Array;
  readonly #rank: Uint32Array;

  constructor(points: Float64Array, dim: number) {
    this.#points = points;
    this.#dim = dim;
    const count = points.length / dim;
    this.#order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => points[a * dim]! - points[b * dim]!);
    this.#rank = new Uint32Array(count);
    this.#order.forEach((index, rank) => {
      this.#rank[index] = rank;
    });
  }

  /** The `count` points nearest to point `i`, nearest first. */
  nearest(i: number, count: number): { index: number; square: number }[] {
    const found: { index: number; square: number }[] = [];
    let bound = Number.POSITIVE_INFINITY;
    const visit = (rank: number): boolean => {
      const j = this.#order[rank];
      if (j === undefined) return false;
      const apart = this.#points[i * this.#dim]! - this.#points[j * this.#dim]!;
      let square = apart * apart;
      if (square >= bound) return false;
      for (let a = 1; a < this.#dim && square < bound; a++)
        square += (this.#points[i * this.#dim + a]! - this.#points[j * this.#dim + a]!) ** 2;
      if (square >= bound) return true;
      let at = found.length;
      while (at > 0 && found[at - 1]!.square > square) at--;
      found.splice(at, 0, { index: j, square });
      if (found.length > count) found.pop();
      if (found.length === count) bound = found[count - 1]!.square;
      return true;
    };
    let left = true;
    let right = true;
    for (let step = 1; left || right; step++) {
      if (left) left = visit(this.#rank[i]! - step);
      if (right) right = visit(this.#rank[i]! + step);
    }
    return found;
  }
}
