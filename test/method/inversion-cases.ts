/**
 * The inverse problems of the plane as targets of any method: -Phi as an objective for those that take a log density, and how far a
 * mixture is from the posterior, int |p - q| on a grid of the case's window, both normalised on the grid (kalman.md section 5).
 */
import type { Mixture } from '../../src/index.ts';
import type { InversionProblem } from '../../src/problems/inversion.ts';
import type { PlaneWindow } from '../../src/problems/inversion-plane.ts';

/** -Phi of an inverse problem without a prior of its own, as WGSL. */
export function negativePotential({ wgsl, observations, data, noise }: InversionProblem): string {
  const list = (numbers: readonly number[]) => numbers.map((x) => x.toPrecision(9)).join(', ');
  const deviations = typeof noise === 'number' ? data.map(() => noise) : noise;
  return `const OBSERVATIONS: u32 = ${observations}u;
alias Observation = array<f32, OBSERVATIONS>;
const observed = Observation(${list(data)});
const deviation = Observation(${list(deviations)});
${wgsl}
fn objective(x: Point) -> f32 {
  var y: Observation;
  forward(x, &y);
  var phi = 0.0;
  for (var i = 0u; i < OBSERVATIONS; i++) {
    let residual = (observed[i] - y[i]) / deviation[i];
    phi += 0.5 * residual * residual;
  }
  return -phi;
}
`;
}

/** Phi in float64. */
export function potential({ data, noise, twin }: InversionProblem, theta: Float64Array): number {
  const predicted = twin(theta);
  return data.reduce((sum, datum, i) => sum + 0.5 * ((datum - predicted[i]!) / (typeof noise === 'number' ? noise : noise[i]!)) ** 2, 0);
}

/** Of the marginals of the first two parameters. The reference is that of the case at d = 2, which all dimensions share. */
export function gridDistance(plane: InversionProblem & { window: PlaneWindow }, mixture: Mixture, points = 100): number {
  const [first, second] = plane.window.map(([lower, upper]) =>
    Array.from({ length: points }, (_, i) => lower + ((upper - lower) * i) / (points - 1)),
  );
  const p: number[] = [];
  const q: number[] = [];
  const parts = mixture.weights.map((weight, k) => {
    const [a, b] = mixture.means[k]!;
    const [[aa, ab], [, bb]] = mixture.covariances[k]! as [[number, number], [number, number]];
    const determinant = aa * bb - ab * ab;
    return { a: a!, b: b!, aa: bb / determinant, ab: -ab / determinant, bb: aa / determinant, scale: weight / Math.sqrt(determinant) };
  });
  for (const x of first!) {
    for (const y of second!) {
      p.push(Math.exp(-potential(plane, Float64Array.of(x, y))));
      let density = 0;
      for (const { a, b, aa, ab, bb, scale } of parts) {
        const [dx, dy] = [x - a, y - b];
        density += scale * Math.exp(-0.5 * (aa * dx * dx + 2 * ab * dx * dy + bb * dy * dy));
      }
      q.push(density);
    }
  }
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
  const [massP, massQ] = [total(p), total(q)];
  return total(p.map((value, i) => Math.abs(value / massP - q[i]! / massQ)));
}
