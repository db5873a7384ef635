/** The log density of an equally weighted mixture of round Gaussians in the plane: what `triangle` and `four-modes` share. */
import { product } from './family.ts';
import type { Problem } from './problem.ts';

/** WGSL and float64 code for `log( (1/K) sum_j N(x; m_j, variance I) )`, with gradient and Hessian. */
export function planarMixture(
  means: readonly (readonly [number, number])[],
  variance: number,
): Pick<Problem, 'wgsl' | 'hasGradient' | 'hasHessian' | 'value' | 'gradient'> {
  const logConstant = -Math.log(2 * Math.PI * variance) - Math.log(means.length);

  const exponent = (x: Float64Array, [a, b]: readonly [number, number]) => -((x[0] - a) ** 2 + (x[1] - b) ** 2) / (2 * variance);

  const value = (x: Float64Array) => {
    const exponents = means.map((mean) => exponent(x, mean));
    const largest = Math.max(...exponents);
    return logConstant + largest + Math.log(exponents.reduce((sum, e) => sum + Math.exp(e - largest), 0));
  };

  const gradient = (x: Float64Array, out: Float64Array) => {
    const exponents = means.map((mean) => exponent(x, mean));
    const largest = Math.max(...exponents);
    const shares = exponents.map((e) => Math.exp(e - largest));
    const total = shares.reduce((sum, s) => sum + s, 0);
    for (const i of [0, 1]) out[i] = shares.reduce((sum, s, j) => sum + (s / total) * (means[j][i] - x[i]), 0) / variance;
  };

  const wgsl = /* wgsl */ `
const mixture_count = ${means.length}u;
const mixture_means = array<vec2<f32>, mixture_count>(${means.map(([a, b]) => `vec2<f32>(${a}, ${b})`).join(', ')});
const mixture_variance: f32 = ${variance};
const mixture_log_constant: f32 = ${logConstant};

// The unnormalised share of every component at x, scaled so that the largest is 1, and the log of that scale.
struct MixtureShares {
  share: array<f32, mixture_count>,
  total: f32,
  log_scale: f32,
}

fn mixture_shares(at: vec2<f32>) -> MixtureShares {
  var shares: MixtureShares;
  shares.log_scale = -3.0e38;
  for (var j = 0u; j < mixture_count; j++) {
    let away = at - mixture_means[j];
    shares.share[j] = -0.5 * dot(away, away) / mixture_variance;
    shares.log_scale = max(shares.log_scale, shares.share[j]);
  }
  shares.total = 0.0;
  for (var j = 0u; j < mixture_count; j++) {
    shares.share[j] = exp(shares.share[j] - shares.log_scale);
    shares.total += shares.share[j];
  }
  return shares;
}

fn objective(x: Point) -> f32 {
  let shares = mixture_shares(vec2<f32>(x[0], x[1]));
  return mixture_log_constant + shares.log_scale + log(shares.total);
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  let at = vec2<f32>(x[0], x[1]);
  var shares = mixture_shares(at);
  var pull = vec2<f32>(0.0, 0.0);
  for (var j = 0u; j < mixture_count; j++) {
    pull += shares.share[j] * (mixture_means[j] - at);
  }
  pull /= shares.total * mixture_variance;
  (*gradient)[0] = pull.x;
  (*gradient)[1] = pull.y;
  return mixture_log_constant + shares.log_scale + log(shares.total);
}

// The covariance of the components' pulls, minus the curvature of one component.
fn hessian(x: Point, hessian: ptr<function, Hessian>) {
  let at = vec2<f32>(x[0], x[1]);
  var shares = mixture_shares(at);
  var mean_pull = vec2<f32>(0.0, 0.0);
  for (var j = 0u; j < mixture_count; j++) {
    mean_pull += shares.share[j] / shares.total * (mixture_means[j] - at) / mixture_variance;
  }
  var h = vec3<f32>(0.0, 0.0, 0.0); // xx, xy, yy
  for (var j = 0u; j < mixture_count; j++) {
    let pull = (mixture_means[j] - at) / mixture_variance - mean_pull;
    h += shares.share[j] / shares.total * vec3<f32>(pull.x * pull.x, pull.x * pull.y, pull.y * pull.y);
  }
  (*hessian)[0] = h.x - 1.0 / mixture_variance;
  (*hessian)[1] = h.y;
  (*hessian)[2] = h.y;
  (*hessian)[3] = h.z - 1.0 / mixture_variance;
}
`;
  return { wgsl, hasGradient: true, hasHessian: true, value, gradient };
}

/** The four corners (±a, ±a). */
export function corners(a: number): [number, number][] {
  return product([
    [a, -a],
    [a, -a],
  ]).map(([x, y]) => [x, y]);
}
