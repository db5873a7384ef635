/** Neal's funnel: the first coordinate is the log variance of all the others. */
import { checkDimension } from './family.ts';
import type { Problem, ProblemFamily } from './problem.ts';

const dimensions = { default: 10, min: 3, max: 512 };
const logRoot = 0.5 * Math.log(2 * Math.PI);

const wgsl = /* wgsl */ `
const funnel_log_norm: f32 = ${-logRoot} * f32(DIM) - ${Math.log(3)};

// The exponent is kept from overflowing.
fn funnel_sharpness(x0: f32) -> f32 {
  return exp(clamp(-x0, -80.0, 80.0));
}

fn objective(x: Point) -> f32 {
  var squares = 0.0;
  for (var i = 1u; i < DIM; i++) { squares += x[i] * x[i]; }
  return funnel_log_norm - x[0] * x[0] / 18.0 - 0.5 * f32(DIM - 1u) * x[0] - 0.5 * squares * funnel_sharpness(x[0]);
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  let sharpness = funnel_sharpness(x[0]);
  var squares = 0.0;
  for (var i = 1u; i < DIM; i++) {
    squares += x[i] * x[i];
    (*gradient)[i] = -x[i] * sharpness;
  }
  (*gradient)[0] = -x[0] / 9.0 - 0.5 * f32(DIM - 1u) + 0.5 * squares * sharpness;
  return funnel_log_norm - x[0] * x[0] / 18.0 - 0.5 * f32(DIM - 1u) * x[0] - 0.5 * squares * sharpness;
}
`;

const squaresOf = (x: Float64Array) => x.subarray(1).reduce((sum, t) => sum + t * t, 0);

function at(dimension: number = dimensions.default): Problem {
  checkDimension('funnel', dimension, dimensions);
  const others = dimension - 1;
  return {
    name: funnel.name,
    title: funnel.title,
    source: 'R. M. Neal, Annals of Statistics 31 (2003) 705, section 8',
    sense: 'maximize',
    dimension,
    box: Array.from({ length: dimension }, (_, i) => (i === 0 ? ([-9, 9] as const) : ([-20, 20] as const))),
    wgsl,
    hasGradient: true,
    hasHessian: false,
    value: (x) => -logRoot * dimension - Math.log(3) - (x[0] * x[0]) / 18 - 0.5 * others * x[0] - 0.5 * squaresOf(x) * Math.exp(-x[0]),
    gradient: (x, out) => {
      const precision = Math.exp(-x[0]);
      for (let i = 1; i < dimension; i++) out[i] = -x[i] * precision;
      out[0] = -x[0] / 9 - 0.5 * others + 0.5 * squaresOf(x) * precision;
    },
    logEvidence: 0,
  };
}

/**
 * Neal's funnel as a normalised log density: `x_0 ~ N(0, 3^2)`, the others `N(0, exp(x_0))`. Its only mode, at
 * `x_0 = -4.5 (dimension - 1)` with the rest 0, lies far outside the mass and is not listed.
 */
export const funnel: ProblemFamily = {
  name: 'funnel',
  title: "Neal's funnel: log density whose scale depends on the first coordinate",
  sense: 'maximize',
  dimensions,
  at,
};
