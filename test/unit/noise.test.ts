/** Data and their noise: residuals made standard normal, and what is refused. */
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/gpu/errors.ts';
import { type NoiseOptions, readData, readNoise, whitenResidual } from '../../src/objective/noise.ts';

const covariance = [
  [4, 1, 0.5],
  [1, 9, -2],
  [0.5, -2, 1],
];

describe('noise', () => {
  it('of one deviation, or of one each', () => {
    const y = Float64Array.of(1, 2, 3);
    const one = readNoise(2, 3);
    expect(one).toMatchObject({ full: false, whitener: Float64Array.of(0.5, 0.5, 0.5) });
    expect(Array.from(whitenResidual(y, [0, 0, 0], one))).toEqual([0.5, 1, 1.5]);
    const each = readNoise([1, 2, 0.5], 3);
    expect(Array.from(whitenResidual(y, [0, 4, 3], each))).toEqual([1, -1, 0]);
    expect(each.logNorm).toBeCloseTo(-1.5 * Math.log(2 * Math.PI) - Math.log(1), 14);
    expect(one.logNorm).toBeCloseTo(-1.5 * Math.log(2 * Math.PI) - 3 * Math.log(2), 14);
    expect(readNoise(Float64Array.of(1, 2, 0.5) as unknown as number[], 3)).toEqual(each);
  });

  it('of a covariance: W^T W is its inverse, and W C W^T = I', () => {
    const noise = readNoise({ covariance }, 3);
    expect(noise.full).toBe(true);
    const columns = [0, 1, 2].map((i) =>
      Array.from(
        whitenResidual(
          Float64Array.from([0, 1, 2], (j) => Number(i === j)),
          [0, 0, 0],
          noise,
        ),
      ),
    );
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        let entry = 0;
        let product = 0;
        for (let i = 0; i < 3; i++) {
          for (let j = 0; j < 3; j++) entry += columns[i]![a]! * covariance[i]![j]! * columns[j]![b]!;
          // (C W^T W)_ab, W^T W being the products of columns.
          product += covariance[a]![i]! * columns[i]!.reduce((sum, x, row) => sum + x * columns[b]![row]!, 0);
        }
        expect(entry).toBeCloseTo(a === b ? 1 : 0, 13);
        expect(product).toBeCloseTo(a === b ? 1 : 0, 13);
      }
    }
    const determinant = 4 * (9 - 4) - 1 * (1 + 1) + 0.5 * (-2 - 4.5);
    expect(noise.logNorm).toBeCloseTo(-0.5 * (3 * Math.log(2 * Math.PI) + Math.log(determinant)), 13);
  });

  it('of a diagonal covariance is that of its deviations', () => {
    const full = readNoise(
      {
        covariance: [
          [1e-12, 0],
          [0, 1e12],
        ],
      },
      2,
    );
    const plain = readNoise([1e-6, 1e6], 2);
    expect(full.logNorm).toBeCloseTo(plain.logNorm, 12);
    const y = Float64Array.of(3e-6, 2e6);
    expect(Array.from(whitenResidual(y, [0, 0], full))).toEqual(Array.from(whitenResidual(y, [0, 0], plain), (x) => expect.closeTo(x, 12)));
  });
});

describe('what is refused', () => {
  const refused: [string, unknown, RegExp][] = [
    ['0', 0, /^noise is 0; it must be a finite number above 0/],
    ['infinity', Number.POSITIVE_INFINITY, /^noise is Infinity/],
    ['a negative one of many', [1, -1, 1], /^noise: standard deviation 2 is -1/],
    ['too few', [1, 2], /noise has 2 standard deviations, and y has 3 data/],
    ['a word', 'much', /noise must be a standard deviation/],
    ['null', null, /noise must be a standard deviation/],
    ['a small covariance', { covariance: [[1]] }, /noise\.covariance must be 3 rows of 3 numbers/],
    ['a covariance that is none', { covariance: undefined }, /noise\.covariance must be 3 rows of 3 numbers/],
    [
      'an asymmetric one',
      { covariance: covariance.map((row, i) => row.map((entry, j) => (i > j ? 0 : entry))) },
      /noise\.covariance is not symmetric: row 1, column 2 is 1, and its mirror image 0/,
    ],
    [
      'one that is not positive definite',
      {
        covariance: [
          [1, 2, 0],
          [2, 1, 0],
          [0, 0, 1],
        ],
      },
      /noise\.covariance is not positive definite: its smallest eigenvalue is -1\.00;/,
    ],
  ];
  it.each(refused)('%s', (_, options, message) => {
    const read = () => readNoise(options as NoiseOptions, 3);
    expect(read).toThrow(OptionError);
    expect(read).toThrow(message);
  });

  it('data that are none', () => {
    expect(() => readData([])).toThrow(/at least one datum/);
    expect(() => readData(undefined as unknown as number[])).toThrow(OptionError);
    expect(() => readData([1, Number.NaN])).toThrow(/y: datum 2 is NaN/);
    expect(Array.from(readData(Float32Array.of(1, 2)))).toEqual([1, 2]);
  });
});
