/**
 * The Styblinski-Tang function: a separable quartic with two minima a coordinate, so 2^d minima, one of them global.
 */
import { checkDimension, product } from './family.ts';
import type { KnownAnswers, Problem, ProblemFamily } from './problem.ts';

/** The two minima of one coordinate: the outer roots of 4 x^3 - 32 x + 5. */
const deep = -2.903534027771177;
const shallow = 2.746802770990837;

const dimensions = { default: 4, min: 1, max: 512 };

/** 2^d answers are listed up to this dimension; above it only the global one. */
const largestListed = 10;

/** The Hessian's d^2 entries live in the shader's private memory, of which WGSL grants 8 KiB: 45^2 floats, less what else needs room. */
const largestHessian = 32;

const valueWgsl = /* wgsl */ `
fn objective(x: Point) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let t = x[i];
    sum += t * (5.0 + t * (t * t - 16.0));
  }
  return 0.5 * sum;
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let t = x[i];
    sum += t * (5.0 + t * (t * t - 16.0));
    (*gradient)[i] = 2.5 + t * (2.0 * t * t - 16.0);
  }
  return 0.5 * sum;
}
`;

const hessianWgsl = /* wgsl */ `
fn hessian(x: Point, hessian: ptr<function, Hessian>) {
  for (var i = 0u; i < DIM * DIM; i++) {
    (*hessian)[i] = 0.0;
  }
  for (var i = 0u; i < DIM; i++) {
    (*hessian)[i * DIM + i] = 6.0 * x[i] * x[i] - 16.0;
  }
}
`;

function value(x: Float64Array): number {
  let sum = 0;
  for (const t of x) sum += t * (5 + t * (t * t - 16));
  return 0.5 * sum;
}

function gradient(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = 2.5 + x[i] * (2 * x[i] * x[i] - 16);
}

function knownAnswers(dimension: number): KnownAnswers {
  const onlyGlobal = dimension > largestListed;
  const modes = onlyGlobal ? [new Array<number>(dimension).fill(deep)] : product(new Array(dimension).fill([deep, shallow]));
  // Each coordinate adds -39.166166 or -25.029450.
  const values = modes.map((mode) => mode.reduce((sum, t) => sum + 0.5 * t * (5 + t * (t * t - 16)), 0));
  const bestFirst = modes.map((_, k) => k).sort((a, b) => values[a] - values[b]);
  return { modes: bestFirst.map((k) => modes[k]), values: bestFirst.map((k) => values[k]), onlyGlobal };
}

function at(dimension: number = dimensions.default): Problem {
  checkDimension('styblinski-tang', dimension, dimensions);
  const hasHessian = dimension <= largestHessian;
  return {
    name: 'styblinski-tang',
    title: styblinskiTang.title,
    source: 'M. A. Styblinski and T. S. Tang, Neural Networks 3 (1990) 467; minima are roots of 4 x^3 - 32 x + 5 in float64',
    sense: 'minimize',
    dimension,
    box: Array.from({ length: dimension }, () => [-5, 5] as const),
    wgsl: hasHessian ? valueWgsl + hessianWgsl : valueWgsl,
    hasGradient: true,
    hasHessian,
    value,
    gradient,
    known: knownAnswers(dimension),
  };
}

/** Styblinski-Tang in any dimension from 1 to 512, minimised: `1/2 sum (x^4 - 16 x^2 + 5 x)` on [-5, 5]^d. */
export const styblinskiTang: ProblemFamily = {
  name: 'styblinski-tang',
  title: 'Styblinski-Tang: 2^d minima, one of them global, any dimension',
  sense: 'minimize',
  dimensions,
  at,
};
