import { cec2013Family } from './cec2013.ts';

function value([x, y]: Float64Array): number {
  return -((4 - 2.1 * x * x + x ** 4 / 3) * x * x + x * y + (4 * y * y - 4) * y * y);
}

/** Six-hump camel back, `-[(4 - 2.1 x^2 + x^4 / 3) x^2 + x y + (4 y^2 - 4) y^2]`: two global maxima among six. */
export const cec2013F5 = cec2013Family({
  number: 5,
  title: 'six-hump camel back',
  box: [
    [-1.9, 1.9],
    [-1.1, 1.1],
  ],
  wgsl: /* wgsl */ `
fn objective(x: Point) -> f32 {
  let xx = x[0] * x[0];
  let yy = x[1] * x[1];
  return -((4.0 - 2.1 * xx + xx * xx / 3.0) * xx + x[0] * x[1] + (4.0 * yy - 4.0) * yy);
}
`,
  value,
  // A stationary point, by Newton in float64, and its mirror image.
  modes: [
    [0.08984201310031807, -0.7126564030207396],
    [-0.08984201310031807, 0.7126564030207396],
  ],
  best: 1.031628453489877,
  onlyGlobal: true,
  radius: 0.5,
  maxEvaluations: 50_000,
});
