import { fixedFamily } from './family.ts';
import type { ProblemFamily } from './problem.ts';

/** The four minima: zeros of both squares, (3, 2) exactly and three by Newton's method in float64. */
export const himmelblauMinima: readonly (readonly number[])[] = [
  [3, 2],
  [-2.805118086952745, 3.131312518250573],
  [-3.779310253377747, -3.2831859912861696],
  [3.5844283403304917, -1.8481265269644034],
];

/** Himmelblau's function, `(x^2 + y - 11)^2 + (x + y^2 - 7)^2`. */
export function himmelblauValue(x: Float64Array): number {
  const a = x[0] * x[0] + x[1] - 11;
  const b = x[0] + x[1] * x[1] - 7;
  return a * a + b * b;
}

/** Himmelblau (Applied Nonlinear Programming, 1972), minimised: four equal minima of value 0. */
export const himmelblau: ProblemFamily = fixedFamily({
  name: 'himmelblau',
  title: "Himmelblau's function: four equal minima in the plane",
  source: 'D. M. Himmelblau, Applied Nonlinear Programming, McGraw-Hill 1972; minima by Newton in float64',
  sense: 'minimize',
  dimension: 2,
  box: [
    [-6, 6],
    [-6, 6],
  ],
  wgsl: /* wgsl */ `
fn objective(x: Point) -> f32 {
  let a = x[0] * x[0] + x[1] - 11.0;
  let b = x[0] + x[1] * x[1] - 7.0;
  return a * a + b * b;
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  let a = x[0] * x[0] + x[1] - 11.0;
  let b = x[0] + x[1] * x[1] - 7.0;
  (*gradient)[0] = 4.0 * x[0] * a + 2.0 * b;
  (*gradient)[1] = 2.0 * a + 4.0 * x[1] * b;
  return a * a + b * b;
}

fn hessian(x: Point, hessian: ptr<function, Hessian>) {
  let a = x[0] * x[0] + x[1] - 11.0;
  let b = x[0] + x[1] * x[1] - 7.0;
  (*hessian)[0] = 8.0 * x[0] * x[0] + 4.0 * a + 2.0;
  (*hessian)[1] = 4.0 * (x[0] + x[1]);
  (*hessian)[2] = (*hessian)[1];
  (*hessian)[3] = 8.0 * x[1] * x[1] + 4.0 * b + 2.0;
}
`,
  hasGradient: true,
  hasHessian: true,
  value: himmelblauValue,
  gradient: (x, out) => {
    const a = x[0] * x[0] + x[1] - 11;
    const b = x[0] + x[1] * x[1] - 7;
    out[0] = 4 * x[0] * a + 2 * b;
    out[1] = 2 * a + 4 * x[1] * b;
  },
  known: { modes: himmelblauMinima, values: [0, 0, 0, 0], onlyGlobal: false },
});
