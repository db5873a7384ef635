/**
 * The planar robot arm: ten links of length one, their joint angles the parameters. The end effector must reach one goal, or the
 * nearest of four, to a hundredth of a link; a prior keeps the arm stretched. Log density of the joint angles, formulas sheet
 * `gmmvi.md` section 5.1.
 *
 * In float32 the end effector is known to about 1e-6, a ten-thousandth of the likelihood's deviation: where the mass is, the
 * value is good to about 3e-4 and the gradient's entries, which are hundreds there, to about 0.2.
 */
import { fixedFamily } from './family.ts';
import type { Box, Problem, ProblemFamily } from './problem.ts';

const links = 10;
const reached = 0.01;
const priorDeviations = Array.from({ length: links }, (_, i) => (i === 0 ? 1 : 0.2));
const box: Box = priorDeviations.map((deviation) => [-3 * deviation, 3 * deviation]);

const logNorm =
  -Math.log(2 * Math.PI * reached ** 2) -
  priorDeviations.reduce((sum, deviation) => sum + Math.log(deviation) + 0.5 * Math.log(2 * Math.PI), 0);

function arm(goals: readonly (readonly [number, number])[]): Pick<Problem, 'value' | 'gradient'> {
  const run = (x: Float64Array, out?: Float64Array) => {
    let angle = 0;
    let px = 0;
    let py = 0;
    let prior = 0;
    for (let i = 0; i < links; i++) {
      angle += x[i];
      px += Math.cos(angle);
      py += Math.sin(angle);
      prior -= 0.5 * (x[i] / priorDeviations[i]) ** 2;
    }
    let nearest = Number.POSITIVE_INFINITY;
    let ex = 0;
    let ey = 0;
    for (const [gx, gy] of goals) {
      const squared = (px - gx) ** 2 + (py - gy) ** 2;
      if (squared >= nearest) continue;
      nearest = squared;
      [ex, ey] = [px - gx, py - gy];
    }
    if (out) {
      // Joint i turns everything from link i on about where link i begins.
      let restX = 0;
      let restY = 0;
      for (let i = links - 1; i >= 0; i--) {
        restX += Math.cos(angle);
        restY += Math.sin(angle);
        angle -= x[i];
        out[i] = -x[i] / priorDeviations[i] ** 2 - (ey * restX - ex * restY) / reached ** 2;
      }
    }
    return logNorm + prior - (0.5 * nearest) / reached ** 2;
  };
  return {
    value: (x) => run(x),
    gradient: (x, out) => {
      run(x, out);
    },
  };
}

/** WGSL grants its own sine and cosine an error of 2^-11, which is half the likelihood's deviation: these are good to float32. */
const wgslOf = (goals: readonly (readonly [number, number])[]) => /* wgsl */ `
const arm_goals = array<vec2<f32>, ${goals.length}>(${goals.map(([x, y]) => `vec2<f32>(${x}, ${y})`).join(', ')});
const arm_reached: f32 = ${reached};
const arm_log_norm: f32 = ${logNorm};

fn arm_prior_deviation(joint: u32) -> f32 {
  return select(${priorDeviations[1]}, ${priorDeviations[0]}, joint == 0u);
}

// Cosine and sine: reduction to [-pi/4, pi/4] by pi/2 in three parts, then the polynomials of Cephes.
fn arm_direction(angle: f32) -> vec2<f32> {
  let quarter = round(angle * 0.636619772);
  let r = ((angle - quarter * 1.5703125) - quarter * 4.837512969970703e-4) - quarter * 7.549789948768648e-8;
  let q = r * r;
  let sine = r + r * q * (-1.6666654611e-1 + q * (8.3321608736e-3 - q * 1.9515295891e-4));
  let cosine = 1.0 - 0.5 * q + q * q * (4.166664568298827e-2 + q * (-1.388731625493765e-3 + q * 2.443315711809948e-5));
  let turn = i32(quarter) & 3;
  let along = select(vec2<f32>(cosine, sine), vec2<f32>(-sine, cosine), (turn & 1) == 1);
  return select(along, -along, turn >= 2);
}

fn arm_error(end: vec2<f32>) -> vec2<f32> {
  var nearest = end - arm_goals[0];
  for (var g = 1u; g < ${goals.length}u; g++) {
    let to_goal = end - arm_goals[g];
    if (dot(to_goal, to_goal) < dot(nearest, nearest)) { nearest = to_goal; }
  }
  return nearest;
}

fn objective(x: Point) -> f32 {
  var angle = 0.0;
  var end = vec2<f32>(0.0, 0.0);
  var prior = 0.0;
  for (var i = 0u; i < DIM; i++) {
    angle += x[i];
    end += arm_direction(angle);
    let t = x[i] / arm_prior_deviation(i);
    prior += t * t;
  }
  let error = arm_error(end) / arm_reached;
  return arm_log_norm - 0.5 * prior - 0.5 * dot(error, error);
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  var directions: array<vec2<f32>, DIM>;
  var angle = 0.0;
  var end = vec2<f32>(0.0, 0.0);
  var prior = 0.0;
  for (var i = 0u; i < DIM; i++) {
    angle += x[i];
    directions[i] = arm_direction(angle);
    end += directions[i];
    let t = x[i] / arm_prior_deviation(i);
    prior += t * t;
  }
  let error = arm_error(end) / arm_reached;
  // Joint i turns everything from link i on about where link i begins.
  var rest = vec2<f32>(0.0, 0.0);
  for (var r = 0u; r < DIM; r++) {
    let i = DIM - 1u - r;
    rest += directions[i];
    let deviation = arm_prior_deviation(i);
    (*gradient)[i] = -x[i] / (deviation * deviation) - (error.y * rest.x - error.x * rest.y) / arm_reached;
  }
  return arm_log_norm - 0.5 * prior - 0.5 * dot(error, error);
}
`;

const planar = (about: Pick<Problem, 'name' | 'title' | 'logEvidence'>, goals: readonly (readonly [number, number])[]): ProblemFamily =>
  fixedFamily({
    ...about,
    source: 'Arenz et al., ICML 2018 (VIPS) and TMLR 2023 (GMMVI), experiments',
    sense: 'maximize',
    dimension: links,
    box,
    wgsl: wgslOf(goals),
    hasGradient: true,
    hasHessian: false,
    ...arm(goals),
  });

/** One goal at (7, 0). log Z = -11.65 +- 0.03, measured by sampling. */
export const planar1 = planar(
  { name: 'planar1', title: 'Planar arm of ten joints that reaches one goal, log density', logEvidence: -11.65 },
  [[7, 0]],
);

/**
 * Four goals at (+-7, 0) and (0, +-7), the nearest counts; dozens of modes. log Z = -10.59 +- 0.02, measured by sampling; the
 * goals' shares of it are 0.345 (7, 0), 0.285 (0, 7), 0.286 (0, -7) and 0.084 (-7, 0).
 */
export const planar4 = planar(
  { name: 'planar4', title: 'Planar arm of ten joints that reaches one of four goals, log density', logEvidence: -10.59 },
  [
    [7, 0],
    [0, 7],
    [-7, 0],
    [0, -7],
  ],
);
