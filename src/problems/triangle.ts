import { fixedFamily } from './family.ts';
import { planarMixture } from './gaussian-mixture.ts';
import type { ProblemFamily } from './problem.ts';

/** Corners of the unit triangle: the components' means, and the directions in which the three outer modes lie. */
const directions: readonly (readonly [number, number])[] = [
  [0, 1],
  [Math.cos(Math.PI / 6), -0.5],
  [-Math.cos(Math.PI / 6), -0.5],
];

/** Distance of the outer modes from the centre: a root of the radial derivative, by Newton in float64. */
const outerRadius = 0.510861521723321;

/**
 * Three overlapping Gaussians of variance 0.54 at the corners of a triangle: three global modes and, in the middle, a local
 * one that is lower by only 4.4e-4. Formulas sheet `nva.md` section 5.1 (the example of the NVA authors' code).
 */
export const triangle: ProblemFamily = fixedFamily({
  name: 'triangle',
  title: 'Triangle of three Gaussians: three global modes and one barely lower between them',
  source:
    'Symmetric Gaussian mixture of the natural variational annealing example (log density, variance 0.54); modes by Newton in float64',
  sense: 'maximize',
  dimension: 2,
  box: [
    [-2, 2],
    [-2, 2],
  ],
  ...planarMixture(directions, 0.54),
  known: {
    modes: [...directions.map(([a, b]) => [outerRadius * a, outerRadius * b]), [0, 0]],
    values: [-2.1471748174750207, -2.1471748174750207, -2.1471748174750207, -2.1476168529114545],
    onlyGlobal: false,
  },
});
