/** An inverse problem as an objective: the forward model's text, and behind it the log posterior of its data, noise and prior. */
import type { InversionProblem } from '../src/problems/inversion.ts';

export function logPosteriorText(forward: string, { dimension, observations, data, noise, prior }: InversionProblem): string {
  const penalty = prior
    ? `
  var centre = ${list(prior.mean, dimension)};
  var deviation = ${list(prior.deviation, dimension)};
  for (var i = 0u; i < DIM; i++) {
    let z = (x[i] - centre[i]) / deviation[i];
    sum += z * z;
  }`
    : '';
  return `${forward}
const OBSERVATIONS: u32 = ${observations}u;
alias Observation = array<f32, OBSERVATIONS>;
fn objective(x: Point) -> f32 {
  var y: Observation;
  forward(x, &y);
  var data = ${list(data, observations)};
  var noise = ${list(noise, observations)};
  var sum = 0.0;
  for (var r = 0u; r < OBSERVATIONS; r++) {
    let z = (y[r] - data[r]) / noise[r];
    sum += z * z;
  }${penalty}
  return -0.5 * sum;
}
`;
}

const list = (values: number | readonly number[], count: number): string =>
  `array<f32, ${count}>(${Array.from({ length: count }, (_, i) => float(typeof values === 'number' ? values : values[i]!)).join(', ')})`;

const float = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(Math.fround(value)));
