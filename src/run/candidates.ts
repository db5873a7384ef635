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
  const candidates: StartCandidate[] = [];
  let finite = 0;
  for (let i = 0; i < count; i++) {
    if (values[i] === Number.NEGATIVE_INFINITY) continue;
    finite++;
    const nearest = nearestTo(scaled, i, neighbours, dim);
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

/** The `count` points nearest to point `i`, nearest first. */
function nearestTo(points: Float64Array, i: number, count: number, dim: number): { index: number; square: number }[] {
  const found: { index: number; square: number }[] = [];
  const total = points.length / dim;
  let bound = Number.POSITIVE_INFINITY;
  for (let j = 0; j < total; j++) {
    if (j === i) continue;
    let square = 0;
    for (let a = 0; a < dim && square < bound; a++) square += (points[i * dim + a]! - points[j * dim + a]!) ** 2;
    if (square >= bound) continue;
    let at = found.length;
    while (at > 0 && found[at - 1]!.square > square) at--;
    found.splice(at, 0, { index: j, square });
    if (found.length > count) found.pop();
    if (found.length === count) bound = found[count - 1]!.square;
  }
  return found;
}
