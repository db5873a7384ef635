/**
 * Vincent's function, F7 (2-D) and F9 (3-D): `(1/D) sum_i sin(10 ln x_i)`. A coordinate is best where
 * `10 ln x = pi/2 + 2 pi k`, which lies in [0.25, 10] for k = -2 .. 3: 6^D equal optima, and no others.
 */
import { cec2013Family, cube } from './cec2013.ts';
import { product } from './family.ts';
import type { ProblemFamily } from './problem.ts';
import { sineCosineWgsl } from './sine-cosine.ts';

const best = [-2, -1, 0, 1, 2, 3].map((k) => Math.exp((Math.PI / 2 + 2 * Math.PI * k) / 10));

/** Keeps the logarithm away from 0 for points that left the box. */
const smallest = 0.01;

function value(x: Float64Array): number {
  let sum = 0;
  for (const t of x) sum += Math.sin(10 * Math.log(Math.max(t, smallest)));
  return sum / x.length;
}

const wgsl = /* wgsl */ `
${sineCosineWgsl}
fn objective(x: Point) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    sum += sine_cosine(10.0 * log(max(x[i], ${smallest}))).x;
  }
  return sum / f32(DIM);
}
`;

function vincent(number: number, dimension: number, maxEvaluations: number): ProblemFamily {
  return cec2013Family({
    number,
    title: `Vincent, ${dimension}-D`,
    box: cube(0.25, 10, dimension),
    wgsl,
    value,
    modes: product(new Array(dimension).fill(best)),
    best: 1,
    onlyGlobal: false,
    radius: 0.2,
    maxEvaluations,
  });
}

export const cec2013F7 = vincent(7, 2, 200_000);
export const cec2013F9 = vincent(9, 3, 400_000);
