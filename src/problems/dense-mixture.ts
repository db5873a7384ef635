/**
 * The log density of a mixture of Gaussians or of Student-t densities with full precision matrices, in WGSL and in float64.
 * Component k has the precision (for Student-t: the inverse scale matrix) `W_k^T W_k` with W_k lower triangular, so that
 * `z = W_k (x - m_k)` whitens it. Means and factors are rounded to float32 before anything is derived from them: both twins are
 * the very same density, normalised. The WGSL's error in the value where the mass is, measured: 6e-6 (gmm20), 6e-5 (gmm100),
 * 1e-5 (stm20), 2e-4 (stm300).
 */
import { logGamma } from './generated-content.ts';
import type { Box, Problem } from './problem.ts';

export interface DenseMixture {
  readonly means: readonly Float64Array[];
  readonly weights: readonly number[];
  /** W_k: lower triangles, row by row without the zeros. A draw of component k is `m_k + W_k^{-1} z`. */
  readonly factors: readonly Float64Array[];
  /** Of Student-t components; absent for Gaussians. */
  readonly degreesOfFreedom?: number;
}

/** A problem that is a mixture, with the mixture itself. */
export interface MixtureTarget extends Problem {
  readonly truth: DenseMixture;
}

/** Components whose share of the density is below this one of the largest so far are left out of the gradient. */
const negligible = 1e-12;

export function mixtureTarget(about: Pick<Problem, 'name' | 'title' | 'source'>, mixture: DenseMixture, box: Box): MixtureTarget {
  const { weights, degreesOfFreedom: nu } = mixture;
  const dim = box.length;
  const means = mixture.means.map((mean) => Float64Array.from(mean, Math.fround));
  const factors = mixture.factors.map((factor) => Float64Array.from(factor, Math.fround));
  const logNorms = factors.map((factor, k) => {
    let logDeterminant = 0;
    for (let i = 0; i < dim; i++) logDeterminant += Math.log(factor[(i * (i + 3)) / 2]);
    const unit =
      nu === undefined
        ? -0.5 * dim * Math.log(2 * Math.PI)
        : logGamma(0.5 * (nu + dim)) - logGamma(0.5 * nu) - 0.5 * dim * Math.log(nu * Math.PI);
    return Math.log(weights[k]) + unit + logDeterminant;
  });
  const height = (k: number, quad: number) => logNorms[k] - (nu === undefined ? 0.5 * quad : 0.5 * (nu + dim) * Math.log1p(quad / nu));
  const steepness = (quad: number) => (nu === undefined ? 1 : (nu + dim) / (nu + quad));

  const away = new Float64Array(dim);
  /** Leaves W_k (x - m_k) in `away` and returns its square. */
  const whiten = (k: number, x: Float64Array) => {
    const factor = factors[k];
    for (let j = 0; j < dim; j++) away[j] = x[j] - means[k][j];
    let quad = 0;
    for (let i = dim - 1; i >= 0; i--) {
      const row = (i * (i + 1)) / 2;
      let z = 0;
      for (let j = 0; j <= i; j++) z += factor[row + j] * away[j];
      away[i] = z;
      quad += z * z;
    }
    return quad;
  };
  const run = (x: Float64Array, out?: Float64Array) => {
    let largest = Number.NEGATIVE_INFINITY;
    let total = 0;
    out?.fill(0);
    for (let k = 0; k < means.length; k++) {
      const quad = whiten(k, x);
      const here = height(k, quad);
      if (here > largest) {
        const shrink = Math.exp(largest - here);
        total *= shrink;
        if (out) for (let j = 0; j < dim; j++) out[j] *= shrink;
        largest = here;
      }
      const share = Math.exp(here - largest);
      total += share;
      if (!out || share < negligible) continue;
      const scale = share * steepness(quad);
      for (let i = 0, at = 0; i < dim; i++) for (let j = 0; j <= i; j++) out[j] -= scale * factors[k][at++] * away[i];
    }
    if (out) for (let j = 0; j < dim; j++) out[j] /= total;
    return largest + Math.log(total);
  };

  const value = (x: Float64Array) => run(x);
  return {
    ...about,
    sense: 'maximize',
    dimension: dim,
    box,
    wgsl: mixtureWgsl(means.length, nu),
    hasGradient: true,
    hasHessian: false,
    data: {
      target_means: Float32Array.from(means.flatMap((mean) => [...mean])),
      target_factors: joined(factors),
      target_log_norms: Float32Array.from(logNorms),
    },
    value,
    gradient: (x, out) => {
      run(x, out);
    },
    logEvidence: 0,
    truth: { ...mixture, means, factors },
  };
}

function joined(parts: readonly Float64Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** One `Point` beside the arguments, so that 512 dimensions fit into the 8 KiB of a function's variables. */
const mixtureWgsl = (components: number, nu: number | undefined) => /* wgsl */ `
const target_components = ${components}u;
const target_triangle = DIM * (DIM + 1u) / 2u;

// Turns x - m_k into z = W_k (x - m_k) in place, last rows first, and returns |z|^2. Four rows share what is read of x - m_k.
fn target_whiten(k: u32, away: ptr<function, Point>) -> f32 {
  let factor = k * target_triangle;
  var quad = 0.0;
  var rows = DIM;
  for (; rows >= 4u; rows -= 4u) {
    let i = rows - 4u;
    let at = factor + vec4u(i * (i + 1u) / 2u, (i + 1u) * (i + 2u) / 2u, (i + 2u) * (i + 3u) / 2u, (i + 3u) * (i + 4u) / 2u);
    var z = vec4f(0.0);
    for (var j = 0u; j <= i; j++) {
      z += (*away)[j] * vec4f(target_factors[at.x + j], target_factors[at.y + j], target_factors[at.z + j], target_factors[at.w + j]);
    }
    let next = vec3f((*away)[i + 1u], (*away)[i + 2u], (*away)[i + 3u]);
    z.y += target_factors[at.y + i + 1u] * next.x;
    z.z += target_factors[at.z + i + 1u] * next.x + target_factors[at.z + i + 2u] * next.y;
    z.w += target_factors[at.w + i + 1u] * next.x + target_factors[at.w + i + 2u] * next.y + target_factors[at.w + i + 3u] * next.z;
    (*away)[i] = z.x;
    (*away)[i + 1u] = z.y;
    (*away)[i + 2u] = z.z;
    (*away)[i + 3u] = z.w;
    quad += dot(z, z);
  }
  for (; rows > 0u; rows--) {
    let row = factor + rows * (rows - 1u) / 2u;
    var z = 0.0;
    for (var j = 0u; j < rows; j++) { z += target_factors[row + j] * (*away)[j]; }
    (*away)[rows - 1u] = z;
    quad += z * z;
  }
  return quad;
}

// The log of weight and density of component k.
fn target_height(k: u32, quad: f32) -> f32 {
  return target_log_norms[k] - ${nu === undefined ? '0.5 * quad' : `0.5 * (f32(DIM) + ${nu}) * log(1.0 + quad / ${nu})`};
}

fn objective(x: Point) -> f32 {
  var away: Point;
  var largest = -3.0e38;
  var total = 0.0;
  for (var k = 0u; k < target_components; k++) {
    for (var j = 0u; j < DIM; j++) { away[j] = x[j] - target_means[k * DIM + j]; }
    let height = target_height(k, target_whiten(k, &away));
    let above = max(height, largest);
    total = total * exp(max(largest - above, -80.0)) + exp(height - above);
    largest = above;
  }
  return largest + log(total);
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  var away: Point;
  var largest = -3.0e38;
  var total = 0.0;
  for (var j = 0u; j < DIM; j++) { (*gradient)[j] = 0.0; }
  for (var k = 0u; k < target_components; k++) {
    for (var j = 0u; j < DIM; j++) { away[j] = x[j] - target_means[k * DIM + j]; }
    let quad = target_whiten(k, &away);
    let height = target_height(k, quad);
    if (height > largest) {
      let shrink = exp(max(largest - height, -80.0));
      total *= shrink;
      for (var j = 0u; j < DIM; j++) { (*gradient)[j] *= shrink; }
      largest = height;
    }
    let share = exp(height - largest);
    total += share;
    if (share < ${negligible}) { continue; }
    let scale = share${nu === undefined ? '' : ` * (f32(DIM) + ${nu}) / (${nu} + quad)`};
    for (var j = 0u; j < DIM; j++) {
      var pull = 0.0;
      for (var i = j; i < DIM; i++) { pull += target_factors[k * target_triangle + i * (i + 1u) / 2u + j] * away[i]; }
      (*gradient)[j] -= scale * pull;
    }
  }
  for (var j = 0u; j < DIM; j++) { (*gradient)[j] /= total; }
  return largest + log(total);
}
`;
