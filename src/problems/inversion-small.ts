/**
 * Inverse problems of one and two parameters with a Gaussian prior: the first tests of Gaussian-mixture Kalman inversion (GMKI,
 * arXiv 2406.17263). Each observes squares, so that signs stay open; formulas sheet `kalman.md` sections 5.1 to 5.3.
 */
import type { InversionProblem } from './inversion.ts';

/** An interval for each parameter, in which the density is compared on a grid. */
export interface SmallInversion extends InversionProblem {
  readonly window: readonly (readonly [number, number])[];
}

const source = (section: string): string => `GMKI, arXiv 2406.17263; formulas sheet kalman.md section ${section}`;

/** The square of one parameter observed; the prior N(3, 2^2) prefers the positive root. Published at noise 0.2, 0.5, 1.0 and 1.5. */
export const quadraticInversion = (noise: number): SmallInversion => ({
  name: `quadratic-${noise}`,
  title: `The square of one parameter observed, noise ${noise}`,
  source: source('5.1'),
  dimension: 1,
  observations: 1,
  data: [1],
  noise,
  prior: { mean: 3, deviation: 2 },
  window: [[-8, 8]],
  wgsl: `fn forward(theta: Point, y: ptr<function, Observation>) {
  (*y)[0] = theta[0] * theta[0];
}
`,
  twin: (theta) => Float64Array.of(theta[0]! ** 2),
});

const observed = 4.2297;
const planeWindow = [
  [-4, 4],
  [-4, 4],
] as const;

/** The squared difference of two parameters observed: two modes, alike where the prior is centred and unlike where it is not. */
export const bimodalInversion = (prior: 'centred' | 'shifted'): SmallInversion => ({
  name: `bimodal-${prior}`,
  title: `The squared difference of two parameters observed, the prior ${prior}`,
  source: source('5.2'),
  dimension: 2,
  observations: 1,
  data: [observed],
  noise: 1,
  prior: { mean: prior === 'centred' ? 0 : [0.5, 0], deviation: 1 },
  window: planeWindow,
  wgsl: `fn forward(theta: Point, y: ptr<function, Observation>) {
  let difference = theta[0] - theta[1];
  (*y)[0] = difference * difference;
}
`,
  twin: (theta) => Float64Array.of((theta[0]! - theta[1]!) ** 2),
});

/** The squares of difference and sum observed: four modes. Posterior mean (0.8915584, 0), covariance 1.5360226 I. */
export const fourModesInversion: SmallInversion = {
  name: 'four-modes-inversion',
  title: 'The squared difference and sum of two parameters observed',
  source: source('5.3'),
  dimension: 2,
  observations: 2,
  data: [observed, observed],
  noise: 1,
  prior: { mean: [0.5, 0], deviation: 1 },
  window: planeWindow,
  wgsl: `fn forward(theta: Point, y: ptr<function, Observation>) {
  let difference = theta[0] - theta[1];
  let sum = theta[0] + theta[1];
  (*y)[0] = difference * difference;
  (*y)[1] = sum * sum;
}
`,
  twin: (theta) => Float64Array.of((theta[0]! - theta[1]!) ** 2, (theta[0]! + theta[1]!) ** 2),
};

export const smallInversions: readonly SmallInversion[] = [
  ...[0.2, 0.5, 1, 1.5].map(quadraticInversion),
  bimodalInversion('centred'),
  bimodalInversion('shifted'),
  fourModesInversion,
];
