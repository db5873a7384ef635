/** The WGSL of every built-in problem against its float64 twin, on points of its box (corners and known modes among them). */
import { problems } from '../../src/problems/index.ts';
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

const styblinski = problems.find(({ name }) => name === 'styblinski-tang')!;
const instances = [...problems.map((family) => family.at()), ...[1, 7, 100, 512].map((dimension) => styblinski.at(dimension))];

export const cases: Record<string, (device: GPUDevice) => Promise<void>> = Object.fromEntries(
  instances.map((problem) => [`${problem.name} ${problem.dimension}-D`, (device: GPUDevice) => compare(device, problem)]),
);
