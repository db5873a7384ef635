/**
 * Eight schools, the hierarchical model of D. B. Rubin (1981), non-centred: school j's effect is `mu + tau z_j`, measured as y_j
 * with standard error s_j. Priors mu ~ N(0, 5^2), tau ~ half-Cauchy(5), z_j ~ N(0, 1). The coordinates are (mu, log tau, z_1,
 * ..., z_8), with the log Jacobian `log tau` added, so that the density is one over unconstrained coordinates.
 */
import { fixedFamily } from './family.ts';
import type { Box, ProblemFamily } from './problem.ts';

/** Measured effects and their standard errors. */
export const eightSchoolsData: { readonly effects: readonly number[]; readonly errors: readonly number[] } = {
  effects: [28, 8, -3, 7, -1, 1, 18, 12],
  errors: [15, 10, 16, 11, 9, 11, 10, 18],
};
const { effects, errors } = eightSchoolsData;
const schools = effects.length;

const box: Box = [[-15, 20], [-3, 4], ...effects.map(() => [-3, 3] as const)];

/** Of mu, of tau, and of each school's z and y. */
const logNorm =
  -0.5 * Math.log(2 * Math.PI * 25) + Math.log(2 / (5 * Math.PI)) - errors.reduce((sum, s) => sum + Math.log(2 * Math.PI * s), 0);

function run(x: Float64Array, out?: Float64Array): number {
  const [mu, logTau] = x;
  const tau = Math.exp(logTau);
  let sum = logNorm - mu ** 2 / 50 - Math.log1p(tau ** 2 / 25) + logTau;
  if (out) {
    out[0] = -mu / 25;
    out[1] = 1 - (2 * tau ** 2) / (25 + tau ** 2);
  }
  for (let j = 0; j < schools; j++) {
    const z = x[2 + j];
    const residual = (effects[j] - mu - tau * z) / errors[j];
    sum -= 0.5 * (z * z + residual * residual);
    if (!out) continue;
    const pull = residual / errors[j];
    out[0] += pull;
    out[1] += pull * tau * z;
    out[2 + j] = -z + pull * tau;
  }
  return sum;
}

const wgsl = /* wgsl */ `
const schools_effects = array<f32, ${schools}>(${effects.join(', ')});
const schools_errors = array<f32, ${schools}>(${errors.join(', ')});
const schools_log_norm: f32 = ${logNorm};

// Kept from overflowing.
fn schools_tau(log_tau: f32) -> f32 {
  return exp(clamp(log_tau, -40.0, 40.0));
}

fn objective(x: Point) -> f32 {
  let tau = schools_tau(x[1]);
  var squares = 0.0;
  for (var j = 0u; j < ${schools}u; j++) {
    let residual = (schools_effects[j] - x[0] - tau * x[2u + j]) / schools_errors[j];
    squares += x[2u + j] * x[2u + j] + residual * residual;
  }
  return schools_log_norm - x[0] * x[0] / 50.0 - log(1.0 + tau * tau / 25.0) + x[1] - 0.5 * squares;
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  let tau = schools_tau(x[1]);
  var squares = 0.0;
  var by_mu = -x[0] / 25.0;
  var by_log_tau = 1.0 - 2.0 * tau * tau / (25.0 + tau * tau);
  for (var j = 0u; j < ${schools}u; j++) {
    let z = x[2u + j];
    let residual = (schools_effects[j] - x[0] - tau * z) / schools_errors[j];
    squares += z * z + residual * residual;
    let pull = residual / schools_errors[j];
    by_mu += pull;
    by_log_tau += pull * tau * z;
    (*gradient)[2u + j] = -z + pull * tau;
  }
  (*gradient)[0] = by_mu;
  (*gradient)[1] = by_log_tau;
  return schools_log_norm - x[0] * x[0] / 50.0 - log(1.0 + tau * tau / 25.0) + x[1] - 0.5 * squares;
}
`;

/** Posterior mean and standard deviation of mu and tau, by quadrature; posteriordb's draws say 4.411, 3.309 and 3.602, 3.198. */
export const eightSchoolsMoments = { mu: [4.39682, 3.3177], tau: [3.59771, 3.21996] } as const;

export const eightSchools: ProblemFamily = fixedFamily({
  name: 'eight-schools',
  title: 'Eight schools, non-centred: log posterior of mean, log spread and eight effects',
  source: 'posteriordb, eight_schools_noncentered (Rubin 1981); log evidence by quadrature (test/unit/targets.test.ts)',
  sense: 'maximize',
  dimension: 2 + schools,
  box,
  wgsl,
  hasGradient: true,
  hasHessian: false,
  value: (x) => run(x),
  gradient: (x, out) => {
    run(x, out);
  },
  logEvidence: -31.31134741440729,
});
