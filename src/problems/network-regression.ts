/**
 * Bayesian regression by a small network of two hidden layers (sigmoid) and a linear output: the log posterior of its weights up
 * to a constant, `-sum (target - output)^2 - |weights|^2 / 2`, that is noise of variance 1/2 and the prior N(0, I). The form of
 * the WINE benchmark (formulas sheet `gmmvi.md` section 5.1) with all rows in every evaluation. Layer by layer, weights come
 * before biases; weights by input, then unit.
 */
import { OptionError } from '../gpu/errors.ts';
import { madeFamily } from './family.ts';
import { seededRandom } from './generated-content.ts';
import type { Problem, ProblemFamily } from './problem.ts';

export interface NetworkRegressionOptions {
  readonly inputs: readonly (readonly number[])[];
  readonly targets: readonly number[];
  /** Units of the two hidden layers. */
  readonly hidden: readonly [number, number];
  readonly about?: Partial<Pick<Problem, 'name' | 'title' | 'source'>>;
}

interface Layout {
  readonly width: number;
  readonly first: number;
  readonly second: number;
  /** Where the biases of layer 1, the weights and biases of layer 2, and those of the output begin. */
  readonly bias1: number;
  readonly weights2: number;
  readonly bias2: number;
  readonly weights3: number;
  readonly bias3: number;
}

function layoutOf(width: number, [first, second]: readonly [number, number]): Layout {
  const bias1 = width * first;
  const weights2 = bias1 + first;
  const bias2 = weights2 + first * second;
  const weights3 = bias2 + second;
  return { width, first, second, bias1, weights2, bias2, weights3, bias3: weights3 + second };
}

const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));

/** @throws OptionError where inputs and targets do not fit. */
export function networkRegression({ inputs, targets, hidden, about }: NetworkRegressionOptions): Problem {
  if (inputs.length === 0 || inputs.length !== targets.length) {
    throw new OptionError(`network regression: ${inputs.length} rows of inputs and ${targets.length} targets; both must be as many`);
  }
  const width = inputs[0].length;
  const ragged = inputs.findIndex((row) => row.length !== width);
  if (ragged >= 0) {
    throw new OptionError(`network regression: row ${ragged + 1} has ${inputs[ragged].length} inputs where the first row has ${width}`);
  }
  const layout = layoutOf(width, hidden);
  const dimension = layout.bias3 + 1;
  const network = forward(layout);
  const { first, second, bias1, weights2, bias2, weights3, bias3 } = layout;

  const run = (x: Float64Array, out?: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < dimension; i++) {
      sum -= 0.5 * x[i] * x[i];
      if (out) out[i] = -x[i];
    }
    for (const [r, row] of inputs.entries()) {
      const { a, b, output } = network(x, row);
      const residual = targets[r] - output;
      sum -= residual * residual;
      if (!out) continue;
      // Backwards: `rise` is how the value changes with the input of a unit.
      const top = 2 * residual;
      out[bias3] += top;
      const below = new Float64Array(first);
      for (let k = 0; k < second; k++) {
        out[weights3 + k] += top * b[k];
        const rise = top * x[weights3 + k] * b[k] * (1 - b[k]);
        out[bias2 + k] += rise;
        for (let j = 0; j < first; j++) {
          out[weights2 + j * second + k] += rise * a[j];
          below[j] += rise * x[weights2 + j * second + k];
        }
      }
      for (let j = 0; j < first; j++) {
        const rise = below[j] * a[j] * (1 - a[j]);
        out[bias1 + j] += rise;
        for (let i = 0; i < width; i++) out[i * first + j] += rise * row[i];
      }
    }
    return sum;
  };

  return {
    name: 'network-regression',
    title: `Log posterior of the ${dimension} weights of a regression network`,
    source: 'data of the caller',
    ...about,
    sense: 'maximize',
    dimension,
    box: Array.from({ length: dimension }, () => [-2, 2] as const),
    wgsl: wgslOf(inputs.length, layout),
    hasGradient: true,
    hasHessian: false,
    data: { network_rows: Float32Array.from(inputs.flatMap((row, r) => [...row, targets[r]])) },
    value: (x) => run(x),
    gradient: (x, out) => {
      run(x, out);
    },
  };
}

/** The network in float64: both hidden layers and the output. */
function forward({ width, first, second, bias1, weights2, bias2, weights3, bias3 }: Layout) {
  const a = new Float64Array(first);
  const b = new Float64Array(second);
  return (x: Float64Array, row: readonly number[]) => {
    for (let j = 0; j < first; j++) {
      let t = x[bias1 + j];
      for (let i = 0; i < width; i++) t += x[i * first + j] * row[i];
      a[j] = sigmoid(t);
    }
    let output = x[bias3];
    for (let k = 0; k < second; k++) {
      let t = x[bias2 + k];
      for (let j = 0; j < first; j++) t += x[weights2 + j * second + k] * a[j];
      b[k] = sigmoid(t);
      output += x[weights3 + k] * b[k];
    }
    return { a, b, output };
  };
}

const wgslOf = (rows: number, { width, first, second, bias1, weights2, bias2, weights3, bias3 }: Layout) => /* wgsl */ `
const network_count = ${rows}u;
const network_width = ${width}u;
const network_first = ${first}u;
const network_second = ${second}u;
const network_bias1 = ${bias1}u;
const network_weights2 = ${weights2}u;
const network_bias2 = ${bias2}u;
const network_weights3 = ${weights3}u;
const network_bias3 = ${bias3}u;

struct NetworkState {
  a: array<f32, network_first>,
  b: array<f32, network_second>,
  residual: f32,
}

fn network_sigmoid(t: f32) -> f32 {
  return 1.0 / (1.0 + exp(min(-t, 80.0)));
}

fn network_forward(x: ptr<function, Point>, row: u32, state: ptr<function, NetworkState>) {
  for (var j = 0u; j < network_first; j++) {
    var t = (*x)[network_bias1 + j];
    for (var i = 0u; i < network_width; i++) { t += (*x)[i * network_first + j] * network_rows[row + i]; }
    (*state).a[j] = network_sigmoid(t);
  }
  var output = (*x)[network_bias3];
  for (var k = 0u; k < network_second; k++) {
    var t = (*x)[network_bias2 + k];
    for (var j = 0u; j < network_first; j++) { t += (*x)[network_weights2 + j * network_second + k] * (*state).a[j]; }
    (*state).b[k] = network_sigmoid(t);
    output += (*x)[network_weights3 + k] * (*state).b[k];
  }
  (*state).residual = network_rows[row + network_width] - output;
}

fn objective(x: Point) -> f32 {
  var weights = x;
  var state: NetworkState;
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) { sum += 0.5 * weights[i] * weights[i]; }
  for (var r = 0u; r < network_count; r++) {
    network_forward(&weights, r * (network_width + 1u), &state);
    sum += state.residual * state.residual;
  }
  return -sum;
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  var weights = x;
  var state: NetworkState;
  var below: array<f32, network_first>;
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    sum += 0.5 * weights[i] * weights[i];
    (*gradient)[i] = -weights[i];
  }
  for (var r = 0u; r < network_count; r++) {
    let row = r * (network_width + 1u);
    network_forward(&weights, row, &state);
    sum += state.residual * state.residual;
    // Backwards: "rise" is how the value changes with the input of a unit.
    let top = 2.0 * state.residual;
    (*gradient)[network_bias3] += top;
    for (var j = 0u; j < network_first; j++) { below[j] = 0.0; }
    for (var k = 0u; k < network_second; k++) {
      (*gradient)[network_weights3 + k] += top * state.b[k];
      let rise = top * weights[network_weights3 + k] * state.b[k] * (1.0 - state.b[k]);
      (*gradient)[network_bias2 + k] += rise;
      for (var j = 0u; j < network_first; j++) {
        let at = network_weights2 + j * network_second + k;
        (*gradient)[at] += rise * state.a[j];
        below[j] += rise * weights[at];
      }
    }
    for (var j = 0u; j < network_first; j++) {
      let rise = below[j] * state.a[j] * (1.0 - state.a[j]);
      (*gradient)[network_bias1 + j] += rise;
      for (var i = 0u; i < network_width; i++) { (*gradient)[i * network_first + j] += rise * network_rows[row + i]; }
    }
  }
  return -sum;
}
`;

/** 128 rows of a network of the same form with normal weights, the last layer's tripled, plus noise of variance 1/2. */
function generated(width: number, hidden: readonly [number, number], seed: number): NetworkRegressionOptions {
  const { normal } = seededRandom(seed);
  const layout = layoutOf(width, hidden);
  const teacher = Float64Array.from({ length: layout.bias3 + 1 }, (_, i) => (i >= layout.weights3 ? 3 : 1) * normal());
  const network = forward(layout);
  const inputs = Array.from({ length: 128 }, () => Array.from({ length: width }, normal));
  return { inputs, targets: inputs.map((row) => network(teacher, row).output + Math.SQRT1_2 * normal()), hidden };
}

const about = {
  name: 'network',
  title: 'Log posterior of a regression network 11-8-8-1 on generated data',
  source: 'the shape of WINE in Arenz et al., TMLR 2023 (GMMVI); data generated here: a network of that shape plus noise',
};

/** The network of the WINE benchmark, 11-8-8-1, on generated data; permuting and mirroring units makes its modes many. */
export const network: ProblemFamily = madeFamily({ ...about, sense: 'maximize', dimension: 177 }, () =>
  networkRegression({ ...generated(11, [8, 8], 1), about }),
);
