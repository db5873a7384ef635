import { cec2013Family, cube } from './cec2013.ts';
import { product } from './family.ts';
import { sineCosineWgsl } from './sine-cosine.ts';

/** Waves in the box along each axis. */
const waves = [3, 4];

function value(x: Float64Array): number {
  return -waves.reduce((sum, k, i) => sum + 10 + 9 * Math.cos(2 * Math.PI * k * x[i]), 0);
}

/** Modified Rastrigin, `-sum_i (10 + 9 cos(2 pi k_i x_i))`, k = (3, 4): a regular grid of 3 * 4 equal maxima. */
export const cec2013F10 = cec2013Family({
  number: 10,
  title: 'modified Rastrigin',
  box: cube(0, 1, 2),
  wgsl: /* wgsl */ `
${sineCosineWgsl}
fn objective(x: Point) -> f32 {
  return -20.0 - 9.0 * (sine_cosine_of_turns(${waves[0]}.0 * x[0]).y + sine_cosine_of_turns(${waves[1]}.0 * x[1]).y);
}
`,
  value,
  modes: product(waves.map((k) => Array.from({ length: k }, (_, j) => (2 * j + 1) / (2 * k)))),
  best: -2,
  onlyGlobal: false,
  radius: 0.01,
  maxEvaluations: 200_000,
});
