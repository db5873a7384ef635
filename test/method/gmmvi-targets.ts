/** Small densities with known answers, for the tests of GMMVI. */
import type { SampleOptions } from '../../src/index.ts';

/** WGSL of log sum_j w_j N(x; m_j, diag(s_j^2)), with its gradient. */
export function mixtureTarget(components: readonly { weight: number; mean: readonly number[]; deviation: readonly number[] }[]): string {
  const float = (x: number) => x.toFixed(7);
  const rows = (of: (component: (typeof components)[number]) => readonly number[]) => components.flatMap(of).map(float).join(', ');
  const dim = components[0]!.mean.length;
  const logs = components.map(
    ({ weight, deviation }) => Math.log(weight) - deviation.reduce((sum, s) => sum + Math.log(s), 0) - 0.5 * dim * Math.log(2 * Math.PI),
  );
  return `
const parts = ${components.length}u;
const means = array<f32, ${components.length * dim}>(${rows(({ mean }) => mean)});
const deviations = array<f32, ${components.length * dim}>(${rows(({ deviation }) => deviation)});
const logs = array<f32, ${components.length}>(${logs.map(float).join(', ')});

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  var terms: array<f32, parts>;
  var top = -3.0e38;
  for (var j = 0u; j < parts; j++) {
    var square = 0.0;
    for (var i = 0u; i < DIM; i++) {
      let z = (x[i] - means[j * DIM + i]) / deviations[j * DIM + i];
      square += z * z;
    }
    terms[j] = logs[j] - 0.5 * square;
    top = max(top, terms[j]);
  }
  var sum = 0.0;
  for (var j = 0u; j < parts; j++) {
    terms[j] = exp(terms[j] - top);
    sum += terms[j];
  }
  for (var i = 0u; i < DIM; i++) {
    var slope = 0.0;
    for (var j = 0u; j < parts; j++) {
      let s = deviations[j * DIM + i];
      slope -= terms[j] / sum * (x[i] - means[j * DIM + i]) / (s * s);
    }
    (*gradient)[i] = slope;
  }
  return top + log(sum);
}
`;
}

/** Three well separated modes in five dimensions, of weights 1/2, 0.3, 0.2: log Z = 0. */
export const fiveD: Pick<SampleOptions, 'wgsl' | 'box'> = {
  wgsl: mixtureTarget([
    { weight: 0.5, mean: [3, 3, 0, 0, 0], deviation: [1, 0.5, 1, 1, 2] },
    { weight: 0.3, mean: [-3, 0, 2, 0, 0], deviation: [0.5, 1, 1, 1, 1] },
    { weight: 0.2, mean: [0, -4, 0, -2, 0], deviation: [1, 1, 0.7, 1, 0.5] },
  ]),
  box: [
    [-6, 6],
    [-6, 6],
    [-6, 6],
    [-6, 6],
    [-6, 6],
  ],
};
