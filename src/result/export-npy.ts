/** NumPy's file format, version 1.0 (numpy.lib.format): a magic word, a header that is a Python dictionary, the numbers row by row. */
import { OptionError } from '../gpu/errors.ts';

/** Numbers of any rank: a list, rows, matrices of rows ... */
export type NestedNumbers = ArrayLike<number> | readonly NestedNumbers[];

/** Options of {@link toNpy}. */
export interface NpyOptions {
  /** Default: what a typed array is, else `float64`. */
  dtype?: 'float32' | 'float64';
  /** Of a flat array: its dimensions, the last one running fastest. Default: as nested. */
  shape?: readonly number[];
}

/** Headers end on such a boundary, so that the numbers can be mapped into memory. */
const ALIGNMENT = 64;
/** Magic word, version and the header's length. */
const PREAMBLE = 10;

/**
 * An array as the bytes of a `.npy` file: `np.load` gives it back with its shape, bit for bit in float64.
 *
 * @example
 * writeFileSync('draws.npy', toNpy(result.draws)); // shape (draws, d)
 * writeFileSync('covariances.npy', toNpy(result.mixture.covariances)); // shape (K, d, d)
 *
 * @throws OptionError when rows differ in length, or `shape` does not fit the numbers.
 */
export function toNpy(array: NestedNumbers, options: NpyOptions = {}): Uint8Array<ArrayBuffer> {
  const { dtype = array instanceof Float32Array ? 'float32' : 'float64' } = options;
  if (dtype !== 'float32' && dtype !== 'float64') throw new OptionError(`dtype is "${dtype}"; it must be float32 or float64`);
  const nested = shapeOf(array);
  const size = nested.reduce((product, length) => product * length, 1);
  const shape = options.shape ?? nested;
  if (shape.reduce((product, length) => product * length, 1) !== size) {
    throw new OptionError(`shape (${shape.join(', ')}) does not hold ${size} numbers`);
  }
  const text = `{'descr': '${dtype === 'float32' ? '<f4' : '<f8'}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const length = Math.ceil((PREAMBLE + text.length + 1) / ALIGNMENT) * ALIGNMENT - PREAMBLE;
  const width = dtype === 'float32' ? 4 : 8;
  const bytes = new Uint8Array(PREAMBLE + length + width * size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, ...latin('NUMPY'), 1, 0]);
  view.setUint16(8, length, true);
  bytes.set(latin(`${text.padEnd(length - 1)}\n`), PREAMBLE);
  let at = PREAMBLE + length;
  const write = (part: NestedNumbers, depth: number, where: string): void => {
    if (part.length !== nested[depth])
      throw new OptionError(`the array is ragged: ${where} has ${part.length} entries, others ${nested[depth]}`);
    for (let i = 0; i < part.length; i++) {
      const entry = part[i]!;
      if (typeof entry === 'number' && depth === nested.length - 1) {
        if (width === 4) view.setFloat32(at, entry, true);
        else view.setFloat64(at, entry, true);
        at += width;
      } else if (typeof entry === 'object' && depth < nested.length - 1) write(entry, depth + 1, `${where}[${i}]`);
      else throw new OptionError(`the array is ragged: ${where}[${i}] is ${typeof entry === 'number' ? 'a number' : 'no number'}`);
    }
  };
  if (nested.length > 0) write(array, 0, 'array');
  return bytes;
}

/** By the first entries; an empty list ends it. */
function shapeOf(array: NestedNumbers): number[] {
  const shape: number[] = [];
  for (let part: unknown = array; typeof part === 'object' && part !== null; part = (part as ArrayLike<unknown>)[0]) {
    shape.push((part as ArrayLike<unknown>).length);
  }
  return shape;
}

const latin = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
