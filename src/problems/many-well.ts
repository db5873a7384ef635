/** The many-well density: independent pairs of coordinates, in each pair a double well and a normal. */
import { checkDimension } from './family.ts';
import type { KnownAnswers, Problem, ProblemFamily } from './problem.ts';

const dimensions = { default: 32, min: 4, max: 512 };

/** The maxima of `x / 2 + 6 x^2 - x^4`: the outer roots of `1/2 + 12 x - 4 x^3`. */
const right = 1.7525198623099465;
const left = -1.7108290410295506;

/** The log of the integral of one pair, `log 11784.50927 + log(2 pi) / 2`, by quadrature (test/unit/targets.test.ts). */
const logEvidenceOfPair = 10.29347970707386;

const wgsl = /* wgsl */ `
fn objective(x: Point) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i += 2u) {
    let t = x[i];
    sum += t * (0.5 + t * (6.0 - t * t)) - 0.5 * x[i + 1u] * x[i + 1u];
  }
  return sum;
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  for (var i = 0u; i < DIM; i += 2u) {
    let t = x[i];
    (*gradient)[i] = 0.5 + t * (12.0 - 4.0 * t * t);
    (*gradient)[i + 1u] = -x[i + 1u];
  }
  return objective(x);
}
`;

const well = (t: number) => t * (0.5 + t * (6 - t * t));

function value(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i += 2) sum += well(x[i]) - 0.5 * x[i + 1] ** 2;
  return sum;
}

function gradient(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i += 2) {
    out[i] = 0.5 + x[i] * (12 - 4 * x[i] * x[i]);
    out[i + 1] = -x[i + 1];
  }
}

function knownAnswers(pairs: number): KnownAnswers {
  return {
    modes: [Array.from({ length: 2 * pairs }, (_, i) => (i % 2 === 0 ? right : 0))],
    values: [pairs * well(right)],
    onlyGlobal: true,
  };
}

function at(dimension: number = dimensions.default): Problem {
  checkDimension('many-well', dimension, dimensions);
  if (dimension % 2 === 1) throw new RangeError(`many-well takes an even dimension, not ${dimension}`);
  return {
    name: manyWell.name,
    title: manyWell.title,
    source: 'L. I. Midgley et al., ICLR 2023 (FAB); answers by quadrature in float64',
    sense: 'maximize',
    dimension,
    box: Array.from({ length: dimension }, () => [-3, 3] as const),
    wgsl,
    hasGradient: true,
    hasHessian: false,
    value,
    gradient,
    logEvidence: (dimension / 2) * logEvidenceOfPair,
    known: knownAnswers(dimension / 2),
  };
}

/** The two maxima of a double well, and the share of its mass left of the saddle at -0.041691. */
export const manyWellPair = { left, right, leftMass: 0.155693 } as const;

/**
 * `dimension / 2` copies of the unnormalised log density `x / 2 + 6 x^2 - x^4 - v^2 / 2`, coordinates in the order x, v, x, v;
 * 2^(dimension / 2) modes, all combinations of {@link manyWellPair} with v = 0, of which only the highest is listed.
 */
export const manyWell: ProblemFamily = {
  name: 'many-well',
  title: 'Many wells: log density of d/2 double wells, 2^(d/2) modes, even dimensions',
  sense: 'maximize',
  dimensions,
  at,
};
