/**
 * Shubert's function, F6 (2-D) and F8 (3-D): `-prod_i g(x_i)` with `g(t) = sum_{j=1..5} j cos((j + 1) t + j)`. `g` has period
 * 2 pi; in [-10, 10] it takes its largest and its smallest value three times each. The product is largest in magnitude with
 * one factor at the smallest value and the others at the largest: 2 * 3^2 = 18 and 3 * 3^3 = 81 optima, in tight groups.
 */
import { cec2013Family, cube } from './cec2013.ts';
import { product } from './family.ts';
import type { ProblemFamily } from './problem.ts';
import { sineCosineWgsl } from './sine-cosine.ts';

/** One place each where `g` is largest (14.508) and smallest (-12.871), by Newton in float64. */
const highest = -0.8003211004719731;
const lowest = -1.425128428319761;

const terms = [1, 2, 3, 4, 5];
const periods = (t: number) => [t - 2 * Math.PI, t, t + 2 * Math.PI];

function value(x: Float64Array): number {
  let result = -1;
  for (const t of x) result *= terms.reduce((sum, j) => sum + j * Math.cos((j + 1) * t + j), 0);
  return result;
}

/** Coordinate `low` is at a lowest place, the others at highest ones, for every choice of `low`. */
function optima(dimension: number): number[][] {
  const axes = Array.from({ length: dimension }, (_, i) => i);
  return axes.flatMap((low) => product(axes.map((i) => periods(i === low ? lowest : highest))));
}

// cos((j + 1) t + j) = cos(j) Re z^(j+1) - sin(j) Im z^(j+1) with z = cos t + i sin t: one sine and cosine for all five terms.
const wgsl = /* wgsl */ `
${sineCosineWgsl}
const shubert_turns = array<vec2<f32>, 5>(${terms.map((j) => `vec2<f32>(${j * Math.cos(j)}, ${j * Math.sin(j)})`).join(', ')});

fn objective(x: Point) -> f32 {
  var result = -1.0;
  for (var i = 0u; i < DIM; i++) {
    let sc = sine_cosine(x[i]);
    var power = vec2<f32>(sc.y, sc.x); // (real, imaginary)
    var sum = 0.0;
    for (var j = 0u; j < 5u; j++) {
      power = vec2<f32>(power.x * sc.y - power.y * sc.x, power.x * sc.x + power.y * sc.y);
      sum += shubert_turns[j].x * power.x - shubert_turns[j].y * power.y;
    }
    result *= sum;
  }
  return result;
}
`;

function shubert(number: number, dimension: number, best: number, maxEvaluations: number): ProblemFamily {
  return cec2013Family({
    number,
    title: `Shubert, ${dimension}-D`,
    box: cube(-10, 10, dimension),
    wgsl,
    value,
    modes: optima(dimension),
    best,
    onlyGlobal: true,
    radius: 0.5,
    maxEvaluations,
  });
}

export const cec2013F6 = shubert(6, 2, 186.7309088310239, 200_000);
export const cec2013F8 = shubert(8, 3, 2709.09350557282, 400_000);
