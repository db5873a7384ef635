/**
 * The search region: a box in the user's coordinates, [-1, 1]^d in the search coordinates that the GPU works in.
 */
import { OptionError } from '../gpu/errors.ts';

export interface SearchBox {
  readonly dim: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * `[lower, upper]` for every dimension, or a single pair for all `dim` of them.
 * @throws OptionError naming the dimension at fault.
 */
export function parseBox(box: unknown, dim?: number): SearchBox {
  if (!Array.isArray(box) || box.length === 0)
    throw new OptionError('box: give [lower, upper] for every dimension, e.g. [[-6, 6], [-6, 6]]');
  const rows = typeof box[0] === 'number' ? [box] : box;
  if (dim !== undefined && rows.length !== 1 && rows.length !== dim) {
    throw new OptionError(`box has ${rows.length} dimensions, but dim is ${dim}; give one [lower, upper] for each, or one for all`);
  }
  const size = dim ?? rows.length;
  if (!Number.isInteger(size) || size < 1 || size > 512) throw new OptionError(`dim is ${size}; it must be a whole number from 1 to 512`);
  const lower = new Float64Array(size);
  const upper = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const row = rows[rows.length === 1 ? 0 : i];
    if (!Array.isArray(row) || row.length !== 2) throw new OptionError(`box[${i}] must be [lower, upper]`);
    const [low, high] = row as [number, number];
    if (!Number.isFinite(low) || !Number.isFinite(high))
      throw new OptionError(`box[${i}] = [${low}, ${high}]: both bounds must be finite numbers`);
    if (low >= high) throw new OptionError(`box[${i}] = [${low}, ${high}]: the lower bound must be below the upper one`);
    if (!(Math.fround(low) < Math.fround(high)) || Math.abs(low) > 1e30 || Math.abs(high) > 1e30) {
      throw new OptionError(`box[${i}] = [${low}, ${high}]: bounds this large or this close cannot be told apart in float32`);
    }
    lower[i] = low;
    upper[i] = high;
  }
  return { dim: size, lower, upper };
}

/** The GPU's copy: (lower, upper, width, 0) per dimension. */
export function boxRows(box: SearchBox): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(4 * box.dim);
  for (let i = 0; i < box.dim; i++) rows.set([box.lower[i]!, box.upper[i]!, box.upper[i]! - box.lower[i]!, 0], 4 * i);
  return rows;
}
