/** What is known of the parameters before the data: transforms, marginals, density, and what is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/gpu/errors.ts';
import { logPrior, type Marginal, type PriorOptions, readPrior, toPhysical, toUnconstrained } from '../../src/objective/prior.ts';

const marginals: Marginal[] = [
  { kind: 'normal', mean: -3, deviation: 2 },
  { kind: 'log-normal', mean: 5, deviation: 3 },
  { kind: 'log-normal', mean: 5, deviation: 0.01, lower: 4 },
  { kind: 'uniform', lower: -2, upper: 7 },
  { kind: 'logit', mean: 0.3, deviation: 0.1, lower: 0, upper: 1 },
  { kind: 'logit', mean: -4.8, deviation: 0.1, lower: -5, upper: 10 },
  // Heaped at both bounds.
  { kind: 'logit', mean: 2.2, deviation: 0.35, lower: 2, upper: 3 },
];

/** E f(theta) under the prior of one parameter: trapezia over v, which converge fast for what is smooth. */
function expectation(marginal: Marginal, f: (theta: number) => number): number {
  const prior = readPrior(marginal, 1);
  const step = 1 / 512;
  let total = 0;
  for (let z = -12; z <= 12; z += step) {
    const v = prior.mean[0]! + prior.deviation[0]! * z;
    total += (step * Math.exp(-0.5 * z * z) * f(toPhysical([v], prior)[0]!)) / Math.sqrt(2 * Math.PI);
  }
  return total;
}

describe('marginals', () => {
  it.each(marginals)('$kind has the mean and deviation that were asked for', (marginal) => {
    const [mean, deviation] =
      marginal.kind === 'uniform'
        ? [(marginal.lower + marginal.upper) / 2, (marginal.upper - marginal.lower) / Math.sqrt(12)]
        : [marginal.mean, marginal.deviation];
    const found = expectation(marginal, (theta) => theta);
    expect(Math.abs(found - mean)).toBeLessThan(1e-6 * deviation);
    const variance = expectation(marginal, (theta) => (theta - mean) ** 2);
    expect(Math.abs(Math.sqrt(variance) - deviation)).toBeLessThan(1e-6 * deviation);
  });

  it('a uniform one is flat: all shares of its width are as likely as they are wide', () => {
    const prior = readPrior({ kind: 'uniform', lower: 1, upper: 3 }, 1);
    // Quantiles of the normal distribution (Abramowitz and Stegun, table 26.5).
    for (const [share, quantile] of [
      [0.5, 0],
      [0.75, 0.6744897501960817],
      [0.975, 1.959963984540054],
      [0.999, 3.090232306167813],
      [1e-6, -4.753424308822899],
    ] as const) {
      expect(toPhysical([quantile], prior)[0]).toBeCloseTo(1 + 2 * share, 13);
      expect(toUnconstrained([1 + 2 * share], prior)[0]).toBeCloseTo(quantile, 8);
    }
  });

  it('go there and back', () => {
    const prior = readPrior(marginals, marginals.length);
    expect(prior.plain).toBe(false);
    const standard = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: prior.dim, maxLength: prior.dim });
    fc.assert(
      fc.property(standard, (z) => {
        const v = z.map((one, i) => prior.mean[i]! + prior.deviation[i]! * one);
        const theta = toPhysical(v, prior);
        const back = toUnconstrained(theta, prior);
        // theta holds fewer digits of v the closer it is to a bound.
        back.forEach((one, i) => {
          const { kind, lower, width } = prior.transforms[i]!;
          const room = kind === 'none' ? 1 : Math.min(theta[i]! - lower, kind === 'exponential' ? Infinity : lower + width - theta[i]!);
          const slope = kind === 'none' ? 1 : (Math.abs(lower) + width + Math.abs(theta[i]!)) / room;
          expect(Math.abs(one - v[i]!)).toBeLessThan(1e-14 * slope * (1 + Math.abs(v[i]!)));
        });
        toPhysical(back, prior).forEach((one, i) => {
          expect(Math.abs(one - theta[i]!)).toBeLessThan(1e-12 * (1 + Math.abs(theta[i]!)));
        });
      }),
    );
  });

  it('outside of its bounds a parameter has no v', () => {
    const prior = readPrior([marginals[1]!, marginals[3]!, marginals[4]!], 3);
    expect(Array.from(toUnconstrained([0, -2, 0], prior))).toEqual([NaN, NaN, NaN]);
    expect(Array.from(toUnconstrained([-1, 7, 1], prior))).toEqual([NaN, NaN, NaN]);
    expect(toUnconstrained([1e-300, -1.999999, 1 - 1e-15], prior).every(Number.isFinite)).toBe(true);
  });
});

describe('Gaussian priors', () => {
  const covariance = [
    [4, 1.2, -0.3],
    [1.2, 1, 0.2],
    [-0.3, 0.2, 0.25],
  ];

  it('integrate to one', () => {
    const priors: [PriorOptions, number][] = [
      [{ mean: 3, deviation: 0.2 }, 1],
      [marginals[1]!, 1],
      [{ mean: [1, -2], deviation: [0.5, 3] }, 2],
      [{ mean: [1, -2], covariance: covariance.slice(0, 2).map((row) => row.slice(0, 2)) }, 2],
      [{ covariance }, 3],
    ];
    for (const [options, dim] of priors) {
      const prior = readPrior(options, dim);
      const points = dim === 3 ? 41 : 161;
      const step = 18 / (points - 1);
      let total = 0;
      for (let at = 0; at < points ** dim; at++) {
        const z = Array.from({ length: dim }, (_, i) => -9 + step * (Math.floor(at / points ** i) % points));
        const v = z.map((one, i) => prior.mean[i]! + prior.deviation[i]! * one);
        total += Math.exp(logPrior(v, prior)) * z.reduce((volume, _, i) => volume * step * prior.deviation[i]!, 1);
      }
      expect(total).toBeCloseTo(1, 6);
    }
  });

  it('with a covariance: its density is that of the covariance, its correlations whiten', () => {
    const prior = readPrior({ mean: [1, 2, 3], covariance }, 3);
    const { factor, inverse } = prior.correlation!;
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        let product = 0;
        let entry = 0;
        for (let k = 0; k < 3; k++) {
          product += factor[i * 3 + k]! * inverse[k * 3 + j]!;
          entry += factor[i * 3 + k]! * factor[j * 3 + k]!;
        }
        expect(product).toBeCloseTo(i === j ? 1 : 0, 14);
        expect(entry * prior.deviation[i]! * prior.deviation[j]!).toBeCloseTo(covariance[i]![j]!, 13);
      }
    }
    // By cofactors: the determinant, and a quadratic form.
    const [a, b, c] = covariance as [number[], number[], number[]];
    const determinant =
      a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) - a[1]! * (b[0]! * c[2]! - b[2]! * c[0]!) + a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!);
    expect(logPrior([1, 2, 3], prior)).toBeCloseTo(-0.5 * (3 * Math.log(2 * Math.PI) + Math.log(determinant)), 12);
    const inverseFirst = (b[1]! * c[2]! - b[2]! * c[1]!) / determinant;
    expect(logPrior([2, 2, 3], prior) - logPrior([1, 2, 3], prior)).toBeCloseTo(-0.5 * inverseFirst, 12);
  });

  it('defaults, and none', () => {
    expect(readPrior({}, 2)).toMatchObject({ mean: Float64Array.of(0, 0), deviation: Float64Array.of(1, 1), proper: true, plain: true });
    const none = readPrior(undefined, 2);
    expect(none.proper).toBe(false);
    expect(logPrior([5, 5], none)).toBe(0);
    expect(Array.from(toPhysical([5, -5], none))).toEqual([5, -5]);
    expect(Array.from(toUnconstrained([5, -5], none))).toEqual([5, -5]);
  });
});

describe('what is refused', () => {
  const refused: [string, unknown, number, RegExp][] = [
    [
      'not positive definite',
      {
        covariance: [
          [1, 2],
          [2, 1],
        ],
      },
      2,
      /^prior\.covariance is not positive definite: its smallest eigenvalue is -1\.00;/,
    ],
    [
      'singular',
      {
        covariance: [
          [1, 1],
          [1, 1],
        ],
      },
      2,
      /smallest eigenvalue is/,
    ],
    [
      'not symmetric',
      {
        covariance: [
          [1, 0.5],
          [0.4, 1],
        ],
      },
      2,
      /prior\.covariance is not symmetric: row 1, column 2 is 0\.5, and its mirror image 0\.4/,
    ],
    ['rows missing', { covariance: [[1, 0]] }, 2, /prior\.covariance must be 2 rows of 2 numbers/],
    ['columns missing', { covariance: [[1], [1]] }, 2, /prior\.covariance must be 2 rows of 2 numbers/],
    ['no matrix', { covariance: 3 }, 2, /prior\.covariance must be 2 rows of 2 numbers/],
    ['no rows', { covariance: [1, 2] }, 2, /prior\.covariance must be 2 rows of 2 numbers/],
    ['null for a matrix', { covariance: null }, 2, /prior\.covariance must be 2 rows of 2 numbers/],
    [
      'a variance of 0',
      {
        covariance: [
          [1, 0],
          [0, 0],
        ],
      },
      2,
      /prior\.covariance: the variance in row 2 is 0/,
    ],
    [
      'a number that is none',
      {
        covariance: [
          [1, NaN],
          [NaN, 1],
        ],
      },
      2,
      /prior\.covariance: row 1, column 2 is NaN/,
    ],
    ['deviation and covariance', { deviation: 1, covariance: [[1]] }, 1, /not both/],
    ['too few means', { mean: [1, 2] }, 3, /prior\.mean has 2 numbers, and there are 3 parameters/],
    ['a mean that is none', { mean: [1, NaN] }, 2, /prior\.mean: number 2 is NaN/],
    ['a deviation of 0', { deviation: [1, 0] }, 2, /prior\.deviation: number 2 is 0/],
    ['too few marginals', [{ kind: 'normal', mean: 0, deviation: 1 }], 2, /prior has 1 marginals, and there are 2 parameters/],
    ['an unknown kind', { kind: 'gamma', mean: 1, deviation: 1 }, 1, /prior\[0\]: kind is "gamma"/],
    [
      'a log-normal below its bound',
      { kind: 'log-normal', mean: 1, deviation: 1, lower: 1 },
      1,
      /prior\[0\]: mean is 1; it must be above 1/,
    ],
    ['bounds the wrong way round', { kind: 'uniform', lower: 1, upper: 0 }, 1, /prior\[0\]: lower is 1 and upper is 0/],
    ['a mean beyond the bounds', { kind: 'logit', mean: 2, deviation: 0.1, lower: 0, upper: 1 }, 1, /mean must lie between/],
    ['a deviation beyond the bounds', { kind: 'logit', mean: 0.5, deviation: 0.5, lower: 0, upper: 1 }, 1, /deviation is larger than any/],
    ['no object', 3, 1, /prior must be an object/],
  ];
  it.each(refused)('%s', (_, options, dim, message) => {
    const read = () => readPrior(options as PriorOptions, dim);
    expect(read).toThrow(OptionError);
    expect(read).toThrow(message);
  });

  it('a matrix whose smallest eigenvalue is known, whatever its units', () => {
    const d = 12;
    // The second difference is positive definite; less a bit more than its smallest eigenvalue it is not.
    const smallest = 2 - 2 * Math.cos(Math.PI / (d + 1));
    for (const unit of [1e-6, 1, 1e6]) {
      const rows = (shift: number) =>
        Array.from({ length: d }, (_, i) =>
          Array.from({ length: d }, (_, j) => unit * (i === j ? 2 - shift : Math.abs(i - j) === 1 ? -1 : 0)),
        );
      expect(() => readPrior({ covariance: rows(0.5 * smallest) }, d)).not.toThrow();
      const want = -0.5 * smallest * unit;
      expect(() => readPrior({ covariance: rows(1.5 * smallest) }, d)).toThrow(`its smallest eigenvalue is ${want.toPrecision(3)};`);
    }
  });
});
