/**
 * L-BFGS in a box, in float64: limited-memory directions on the free variables, backtracking along the projected path. Small and plain,
 * the local optimiser of the multi-start baseline.
 */

/** Writes the gradient and returns the value; minimised. */
export type ValueAndGradient = (x: Float64Array, gradient: Float64Array) => number;

export interface LocalMinimum {
  x: Float64Array;
  value: number;
  /** Calls: each gave a value and a gradient. */
  evaluations: number;
  /** The projected gradient vanished; otherwise it stalled or ran out of iterations. */
  converged: boolean;
}

const MEMORY = 10;
const ITERATIONS = 200;
/** Largest entry of the projected gradient, and relative decrease: the defaults of the well-known L-BFGS-B code. */
const GRADIENT_TOLERANCE = 1e-5;
const VALUE_TOLERANCE = 2.2e-9;
const ARMIJO = 1e-4;
const HALVINGS = 30;

export function minimizeInBox(
  objective: ValueAndGradient,
  start: Float64Array,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
): LocalMinimum {
  const clamp = (t: number, i: number) => Math.min(Math.max(t, lower[i]!), upper[i]!);
  let x = start.map(clamp);
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  let evaluations = 1;
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];

  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const projected = gradient.map((g, i) => x[i]! - clamp(x[i]! - g, i));
    if (largest(projected) <= GRADIENT_TOLERANCE) return { x, value, evaluations, converged: true };
    const held = x.map((t, i) => (t === clamp(t - gradient[i]!, i) ? 1 : 0));
    const free = gradient.map((g, i) => (held[i] ? 0 : g));
    let direction = twoLoop(free, pairs).map((t, i) => (held[i] ? 0 : -t));
    if (!(dot(direction, free) < 0)) {
      pairs.length = 0;
      direction = free.map((g) => -g);
    }
    let step = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(free, free))) : 1;
    let next: { x: Float64Array<ArrayBuffer>; gradient: Float64Array<ArrayBuffer>; value: number } | undefined;
    for (let halving = 0; halving < HALVINGS && !next; halving++, step *= 0.5) {
      const trial = x.map((t, i) => clamp(t + step * direction[i]!, i));
      const trialGradient = new Float64Array(x.length);
      const trialValue = objective(trial, trialGradient);
      evaluations++;
      const slope = gradient.reduce((sum, g, i) => sum + g * (trial[i]! - x[i]!), 0);
      if (trialValue <= value + ARMIJO * slope) next = { x: trial, gradient: trialGradient, value: trialValue };
    }
    if (!next) return { x, value, evaluations, converged: false };
    const s = next.x.map((t, i) => t - x[i]!);
    const y = next.gradient.map((g, i) => g - gradient[i]!);
    const curvature = dot(s, y);
    if (curvature > 1e-10 * dot(y, y)) {
      pairs.push({ s, y, rho: 1 / curvature });
      if (pairs.length > MEMORY) pairs.shift();
    }
    const decrease = (value - next.value) / Math.max(1, Math.abs(value), Math.abs(next.value));
    ({ x, gradient, value } = next);
    if (decrease <= VALUE_TOLERANCE) return { x, value, evaluations, converged: true };
  }
  return { x, value, evaluations, converged: false };
}

/** The inverse Hessian's product with a vector, by the stored pairs. */
function twoLoop(vector: Float64Array, pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[]): Float64Array {
  const result = vector.slice();
  const shares: number[] = [];
  for (let p = pairs.length - 1; p >= 0; p--) {
    const { s, y, rho } = pairs[p]!;
    shares[p] = rho * dot(s, result);
    for (let i = 0; i < result.length; i++) result[i]! -= shares[p]! * y[i]!;
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < result.length; i++) result[i]! *= scale;
  }
  pairs.forEach(({ s, y, rho }, p) => {
    const share = shares[p]! - rho * dot(y, result);
    for (let i = 0; i < result.length; i++) result[i]! += share * s[i]!;
  });
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const largest = (vector: Float64Array): number => vector.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
