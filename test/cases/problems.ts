/** The WGSL of every built-in problem against its float64 twin, on points of its box (corners and known modes among them). */

import type { MixtureTarget } from '../../src/problems/dense-mixture.ts';
import { seededRandom } from '../../src/problems/generated-content.ts';
import { gaussianTarget, studentTarget } from '../../src/problems/generated-mixtures.ts';
import { problems } from '../../src/problems/index.ts';
import { logisticRegression } from '../../src/problems/logistic-regression.ts';
import type { Problem } from '../../src/problems/problem.ts';

const workgroup = 64;

/** Runs `objective`, and where they exist `value_and_gradient` and `hessian`, at every point: one row of results a point. */
async function evaluate(device: GPUDevice, problem: Problem, points: Float32Array): Promise<{ rows: Float32Array; columns: number }> {
  const { dimension, wgsl, hasGradient, hasHessian, data = {} } = problem;
  const count = points.length / dimension;
  const columns = 1 + (hasGradient ? 1 + dimension : 0) + (hasHessian ? dimension * dimension : 0);
  const inputs: [string, Float32Array][] = [['ms_points', points], ...Object.entries(data)];
  const code = /* wgsl */ `
const DIM: u32 = ${dimension}u;
alias Point = array<f32, DIM>;
${hasHessian ? 'alias Hessian = array<f32, DIM * DIM>;' : ''}
@group(0) @binding(0) var<storage, read_write> ms_results: array<f32>;
${inputs.map(([name], i) => `@group(0) @binding(${i + 1}) var<storage, read> ${name}: array<f32>;`).join('\n')}
${wgsl}
@compute @workgroup_size(${workgroup})
fn ms_main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= ${count}u) { return; }
  var x: Point;
  for (var i = 0u; i < DIM; i++) { x[i] = ms_points[id.x * DIM + i]; }
  var at = id.x * ${columns}u;
  ms_results[at] = objective(x);
  at++;
  ${
    hasGradient
      ? `var gradient: Point;
  ms_results[at] = value_and_gradient(x, &gradient);
  at++;
  for (var i = 0u; i < DIM; i++) { ms_results[at + i] = gradient[i]; }
  at += DIM;`
      : ''
  }
  ${
    hasHessian
      ? `var second: Hessian;
  hessian(x, &second);
  for (var i = 0u; i < DIM * DIM; i++) { ms_results[at + i] = second[i]; }`
      : ''
  }
}`;
  const module = device.createShaderModule({ label: problem.name, code });
  const errors = (await module.getCompilationInfo()).messages.filter(({ type }) => type === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`).join('\n'));
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });

  const results = device.createBuffer({ size: count * columns * 4, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size: results.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const buffers = inputs.map(([label, values]) => {
    const buffer = device.createBuffer({ label, size: values.byteLength, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, Float32Array.from(values));
    return buffer;
  });
  const entries = [results, ...buffers].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil(count / workgroup));
  pass.end();
  encoder.copyBufferToBuffer(results, 0, staging, 0, results.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const rows = new Float32Array(staging.getMappedRange().slice(0));
  for (const buffer of [results, staging, ...buffers]) buffer.destroy();
  return { rows, columns };
}

/** About 200 points: random ones (a fixed multiplicative generator), two corners, up to ten known modes. */
function pointsOf({ box, known }: Problem): Float32Array {
  let state = 12345;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const points: (readonly number[])[] = Array.from({ length: 200 }, () => box.map(([lower, upper]) => lower + (upper - lower) * random()));
  points.push(
    box.map(([lower]) => lower),
    box.map(([, upper]) => upper),
    ...(known?.modes.slice(0, 10) ?? []),
  );
  return Float32Array.from(points.flat());
}

/**
 * How far float32 may be from float64 at a point: `tolerance` times `max(1, |value|)`, or times the largest |value| among the
 * points for the functions that are sums or products of large terms that cancel.
 */
const cancelling = ['himmelblau', 'styblinski-tang', 'cec2013-f4', 'cec2013-f6', 'cec2013-f8'];
const tolerance = 1e-5;
const toleranceOfRange = 2e-6;

async function compare(device: GPUDevice, problem: Problem): Promise<void> {
  const { dimension, hasGradient, hasHessian } = problem;
  const points = pointsOf(problem);
  const { rows, columns } = await evaluate(device, problem, points);
  const count = points.length / dimension;
  const all = Array.from({ length: count }, (_, k) => Float64Array.from(points.subarray(k * dimension, (k + 1) * dimension)));
  const range = Math.max(...all.map((x) => Math.abs(problem.value(x))));

  const check = (what: string, x: Float64Array, got: number, wanted: number, allowed: number) => {
    if (!(Math.abs(got - wanted) <= allowed)) {
      throw new Error(`${problem.name} ${dimension}-D: ${what} at (${x}) is ${got}, should be ${wanted} within ${allowed}`);
    }
  };

  const gradient = new Float64Array(dimension);
  const above = new Float64Array(dimension);
  const below = new Float64Array(dimension);
  for (const [k, x] of all.entries()) {
    const row = rows.subarray(k * columns, (k + 1) * columns);
    const value = problem.value(x);
    const allowed = cancelling.includes(problem.name) ? toleranceOfRange * range : tolerance * Math.max(1, Math.abs(value));
    check('the objective', x, row[0], value, allowed);
    if (!hasGradient) continue;
    check('the value beside the gradient', x, row[1], value, allowed);
    problem.gradient!(x, gradient);
    const steepest = Math.max(1, ...gradient.map(Math.abs));
    for (let i = 0; i < dimension; i++) check(`gradient[${i}]`, x, row[2 + i], gradient[i], 1e-5 * steepest);
    if (!hasHessian) continue;
    for (let i = 0; i < dimension; i++) {
      const h = 1e-5;
      const centre = x[i];
      x[i] = centre + h;
      problem.gradient!(x, above);
      x[i] = centre - h;
      problem.gradient!(x, below);
      x[i] = centre;
      for (let j = 0; j < dimension; j++) {
        const wanted = (above[j] - below[j]) / (2 * h);
        check(`hessian[${i}, ${j}]`, x, row[2 + dimension + i * dimension + j], wanted, 1e-5 * Math.max(10, Math.abs(wanted)));
      }
    }
  }
}

/** Largest error of float32 among the points: of the value, and of the gradient's entries over the largest of them. */
export async function floatErrors(device: GPUDevice, problem: Problem, points: readonly ArrayLike<number>[]) {
  const { dimension } = problem;
  const { rows, columns } = await evaluate(device, problem, Float32Array.from(points.flatMap((point) => Array.from(point))));
  const gradient = new Float64Array(dimension);
  const errors = { value: 0, gradient: 0 };
  // Math.max passes NaN on, so that it fails every comparison.
  for (const [k, point] of points.entries()) {
    const x = Float64Array.from(Float32Array.from(point));
    const row = rows.subarray(k * columns, (k + 1) * columns);
    const value = problem.value(x);
    errors.value = Math.max(errors.value, Math.abs(row[0] - value), Math.abs(row[1] - value));
    problem.gradient!(x, gradient);
    const steepest = Math.max(1, ...gradient.map(Math.abs));
    for (let i = 0; i < dimension; i++) errors.gradient = Math.max(errors.gradient, Math.abs(row[2 + i] - gradient[i]) / steepest);
  }
  return errors;
}

type Points = (problem: Problem) => ArrayLike<number>[];
const { uniform, normal } = seededRandom(5);

/** Draws of a mixture: `m + W^{-1} z` by forward substitution, for Student-t over the root of chi^2 / nu (nu = 2). */
const draws =
  (count: number): Points =>
  (problem) => {
    const { means, factors, degreesOfFreedom } = (problem as MixtureTarget).truth;
    return Array.from({ length: count }, (_, n) => {
      const k = n % means.length;
      const stretch = degreesOfFreedom ? 1 / Math.sqrt(-Math.log(1 - uniform())) : 1;
      const away = new Float64Array(problem.dimension);
      for (let i = 0; i < away.length; i++) {
        const row = (i * (i + 1)) / 2;
        let rest = stretch * normal();
        for (let j = 0; j < i; j++) rest -= factors[k][row + j] * away[j];
        away[i] = rest / factors[k][row + i];
      }
      return away.map((t, i) => means[k][i] + t);
    });
  };

const normals =
  (count: number, scale: number): Points =>
  ({ dimension }) =>
    Array.from({ length: count }, () => Array.from({ length: dimension }, () => scale * normal()));

/** Arms of the prior, bent until the end effector is 7 from the base, turned to a goal, and shaken a little. */
const armsAtGoals: Points = ({ name }) =>
  Array.from({ length: 60 }, (_, n) => {
    const bends = Array.from({ length: 10 }, (_, i) => (i === 0 ? 0 : 0.2 * normal()));
    const end = (scale: number) => {
      let angle = 0;
      let at = [0, 0];
      for (const bend of bends) {
        angle += scale * bend;
        at = [at[0] + Math.cos(angle), at[1] + Math.sin(angle)];
      }
      return { length: Math.hypot(...at), turn: Math.atan2(at[1], at[0]) };
    };
    let [low, high] = [0, 0.1];
    while (end(high).length > 7) high += 0.1;
    for (let half = 0; half < 40; half++) {
      const middle = 0.5 * (low + high);
      if (end(middle).length > 7) low = middle;
      else high = middle;
    }
    const goal = name === 'planar4' ? 0.5 * Math.PI * ((n % 4) - 1) : 0;
    return bends.map((bend, i) => (i === 0 ? goal - end(low).turn : low * bend) + 0.0005 * normal());
  });

const manyWells: Points = ({ dimension }) =>
  Array.from({ length: 60 }, () =>
    Array.from({ length: dimension }, (_, i) => (i % 2 ? normal() : (uniform() < 0.5 ? -1.7 : 1.75) + 0.3 * normal())),
  );

const neck: Points = ({ dimension }) =>
  Array.from({ length: 60 }, () => {
    const first = 3 * normal();
    return Array.from({ length: dimension }, (_, i) => (i === 0 ? first : Math.exp(0.5 * first) * normal()));
  });

/** A regression of 300 generated rows; the labels are drawn. */
function generatedRegression(columns = 7): Problem {
  const { uniform, normal } = seededRandom(3);
  const features = Array.from({ length: 300 }, () => Array.from({ length: columns }, (_, c) => 3 * (c % 7) + normal()));
  return logisticRegression({ features, labels: features.map((row) => (uniform() < 1 / (1 + Math.exp(-row[0])) ? 1 : 0)) });
}

const builtIn = (name: string) => problems.find((family) => family.name === name)!.at;

/**
 * The posterior targets where their mass is: [problem, points, error allowed in the value, in the gradient]. Allowed is about five
 * times what a software adapter shows.
 */
const targets: Record<string, readonly [() => Problem, Points, number, number]> = {
  gmm20: [builtIn('gmm20'), draws(60), 5e-5, 1e-5],
  gmm100: [builtIn('gmm100'), draws(30), 4e-4, 4e-5],
  stm20: [builtIn('stm20'), draws(60), 1e-4, 1e-5],
  stm300: [builtIn('stm300'), draws(10), 1.5e-3, 1e-4],
  'Gaussians that overlap': [() => gaussianTarget(2, 40, 7), normals(60, 30), 5e-4, 2e-5],
  'Student-t that overlap': [() => studentTarget(3, 30, 7), normals(60, 12), 5e-5, 1e-5],
  'Student-t in 7 dimensions': [() => studentTarget(7, 10, 7), draws(60), 1e-4, 1e-5],
  planar1: [builtIn('planar1'), armsAtGoals, 2e-3, 1e-2],
  planar4: [builtIn('planar4'), armsAtGoals, 2e-3, 1e-2],
  network: [builtIn('network'), normals(20, 0.7), 4e-2, 1e-5],
  'eight-schools': [builtIn('eight-schools'), normals(60, 1), 1e-4, 1e-5],
  funnel: [builtIn('funnel'), neck, 1e-4, 2e-5],
  'many-well': [builtIn('many-well'), manyWells, 2e-4, 5e-6],
  'logistic-regression': [() => generatedRegression(), normals(60, 0.5), 2e-3, 1e-5],
  'logistic-regression, saturated': [() => generatedRegression(), normals(20, 100), 1, 1e-5],
  'logistic-regression, too many features to write out': [() => generatedRegression(70), normals(20, 0.1), 2e-3, 1e-5],
};

async function checkTarget(device: GPUDevice, name: string): Promise<void> {
  const [make, pointsFor, value, gradient] = targets[name];
  const problem = make();
  const errors = await floatErrors(device, problem, pointsFor(problem));
  if (errors.value <= value && errors.gradient <= gradient) return;
  throw new Error(`${name}: the value is off by ${errors.value} (allowed ${value}), the gradient by ${errors.gradient} (${gradient})`);
}

const styblinski = problems.find(({ name }) => name === 'styblinski-tang')!;
const instances = [
  ...problems.filter(({ name }) => !(name in targets)).map((family) => family.at()),
  ...[1, 7, 100, 512].map((dimension) => styblinski.at(dimension)),
];

export const cases: Record<string, (device: GPUDevice) => Promise<void>> = Object.fromEntries([
  ...instances.map((problem) => [`${problem.name} ${problem.dimension}-D`, (device: GPUDevice) => compare(device, problem)]),
  ...Object.keys(targets).map((name) => [name, (device: GPUDevice) => checkTarget(device, name)]),
]);
