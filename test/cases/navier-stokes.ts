/** The Navier-Stokes forward model: float32 against float64, chunks, the symmetry of the data, members that blow up. */
import fc from 'fast-check';
import { BufferSet, readBuffer } from '../../src/gpu/buffers.ts';
import { mirrored, navierStokes, PRIOR_DEVIATION } from '../../src/problems/navier-stokes.ts';
import { type Flow, OBSERVATIONS } from '../../src/problems/navier-stokes-flow.ts';
import { navierStokesForward } from '../../src/problems/navier-stokes-forward.ts';
import { observe } from '../../src/problems/navier-stokes-twin.ts';
import type { Cases } from '../harness/cases.ts';
import { brief, forAll, thorough } from './kernel-run.ts';
import { Content } from './kernels-content.ts';
import { expectSameBits } from './kernels-tolerance.ts';

/** Float32 against float64, relative over the data: 1e-6 on software adapters, where some 200 stages each add their rounding. */
const tolerance = 1e-5;
const reduced: Flow = { grid: 32, unknowns: 24, step: 1e-2, scheme: 'ifrk4' };

const draws = (content: Content, count: number, dim: number): Float32Array<ArrayBuffer> =>
  new Float32Array(count * dim).map(() => content.normal(PRIOR_DEVIATION));

/** Predictions of batches that are encoded one after the other and submitted once. */
async function predict(
  device: GPUDevice,
  flow: Flow,
  batches: readonly Float32Array<ArrayBuffer>[],
  options: { chunk?: number; members?: number } = {},
): Promise<Float32Array[]> {
  const counts = batches.map((theta) => theta.length / flow.unknowns);
  const set = new BufferSet(device);
  const model = await navierStokesForward(flow, options).open(device, options.members ?? Math.max(...counts));
  try {
    const encoder = device.createCommandEncoder();
    const predictions = batches.map((theta, i) => {
      const batch = { parameters: set.create('theta', theta), predictions: set.create('y', counts[i] * OBSERVATIONS) };
      model.encode!({ device, ...batch, count: counts[i], dim: flow.unknowns, observations: OBSERVATIONS }, encoder);
      return batch.predictions;
    });
    device.queue.submit([encoder.finish()]);
    return await Promise.all(
      predictions.map(async (buffer, i) => new Float32Array(await readBuffer(device, buffer, 4 * counts[i] * OBSERVATIONS))),
    );
  } finally {
    model.dispose?.();
    set.destroy();
  }
}

const rowOf = <T extends Float32Array>(rows: T, member: number, width: number): T =>
  rows.subarray(member * width, (member + 1) * width) as T;

const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));

function expectRelative(what: string, got: Float32Array, want: ArrayLike<number>, allowed: number): void {
  const error = norm(got.map((value, i) => value - want[i])) / norm(want);
  if (!(error <= allowed)) throw new Error(`${what}: off by ${error}, relative, over the data; allowed ${allowed}`);
}

/** Members of a batch, the first and last among them, against the twin. */
async function againstTwin(device: GPUDevice, flow: Flow, count: number, content: number): Promise<void> {
  const random = new Content(content);
  const theta = draws(random, count, flow.unknowns);
  const [got] = await predict(device, flow, [theta]);
  for (const member of new Set([0, random.integer(count), count - 1])) {
    const want = observe(flow, rowOf(theta, member, flow.unknowns));
    expectRelative(`member ${member} of ${count}`, rowOf(got, member, OBSERVATIONS), want, tolerance);
  }
}

/** Near the longest step at which this grid is stable: Runge-Kutta wants `k v dt` below 2.8. */
const quick: Flow = { ...reduced, step: 0.025 };

async function chunks(device: GPUDevice): Promise<void> {
  const theta = draws(new Content(1), 45, quick.unknowns);
  const [whole] = await predict(device, quick, [theta]);
  for (const chunk of [1, 32, 41]) {
    const subset = chunk === 1 ? theta.subarray(0, 3 * quick.unknowns).slice() : theta;
    const [parts] = await predict(device, quick, [subset], { chunk });
    expectSameBits(`chunks of ${chunk}`, parts.buffer as ArrayBuffer, whole.slice(0, parts.length).buffer);
  }
  // Smaller batches than the model was opened for, several in one submit.
  const cut = (first: number, count: number) => theta.slice(first * quick.unknowns, (first + count) * quick.unknowns);
  const parts = await predict(device, quick, [cut(0, 33), cut(33, 1), cut(34, 11)], { members: 100, chunk: 32 });
  const joined = Float32Array.from(parts.flatMap((part) => [...part]));
  expectSameBits('batches', joined.buffer, whole.buffer as ArrayBuffer);
}

async function symmetry(device: GPUDevice): Promise<void> {
  const theta = draws(new Content(2), 5, reduced.unknowns);
  const image = Float32Array.from(Array.from({ length: 5 }, (_, member) => [...mirrored(rowOf(theta, member, reduced.unknowns))]).flat());
  const [one, other] = await predict(device, reduced, [theta, image]);
  const rms = norm(one) / Math.sqrt(one.length);
  const worst = Math.max(...one.map((value, i) => Math.abs(value - other[i])));
  if (!(worst <= 5e-5 * rms)) throw new Error(`the mirror image's data differ by ${worst}, where their rms is ${rms}`);
}

/** Members beyond float32 leave nothing finite at the final time, and the others as they were. */
async function spoiled(device: GPUDevice): Promise<void> {
  const count = 40;
  const theta = draws(new Content(3), count, quick.unknowns);
  const [clean] = await predict(device, quick, [theta]);
  const bad = new Map([
    [0, Number.NaN],
    [5, 1e38],
    [6, Number.POSITIVE_INFINITY],
    [33, -1e12],
    [39, 1e5],
  ]);
  const mixed = theta.slice();
  for (const [member, value] of bad) mixed[member * quick.unknowns + (member % quick.unknowns)] = value;
  // Twice: what a spoiled run leaves in the buffers must not reach the next.
  const [got, after] = await predict(device, quick, [mixed, theta], { chunk: 20 });
  for (let member = 0; member < count; member++) {
    const own = rowOf(got, member, OBSERVATIONS).slice();
    if (!bad.has(member)) expectSameBits(`member ${member}`, own.buffer, rowOf(clean, member, OBSERVATIONS).slice().buffer);
    else if (own.subarray(OBSERVATIONS / 2).some((value) => Number.isFinite(value))) {
      throw new Error(`member ${member}, with ${bad.get(member)} among its unknowns, has finite data`);
    }
  }
  expectSameBits('the batch after', after.buffer as ArrayBuffer, clean.buffer as ArrayBuffer);
}

/** The problem as the engine takes it. */
async function problem(device: GPUDevice): Promise<void> {
  const { buffers, twin, dimension, observations } = navierStokes(quick);
  const theta = draws(new Content(4), 1, dimension);
  const [got] = await predict(device, quick, [theta]);
  expectRelative('twin', got, twin(Float64Array.from(theta)), tolerance);
  if (!buffers || observations !== got.length) throw new Error('the problem lacks its forward model or its data');
}

const property = (flow: Flow, runs: number) => (device: GPUDevice) =>
  forAll(runs, { count: fc.integer({ min: 1, max: 12 }), content: fc.nat() }, [{ count: 33, content: 0 }], ({ count, content }) =>
    againstTwin(device, flow, count, content),
  );

export const cases: Cases = {
  'Runge-Kutta, grid 32': property(quick, brief.runs),
  'Runge-Kutta, grid 32, small steps': (device) => againstTwin(device, reduced, 5, 11),
  'Crank-Nicolson, grid 32': (device) => againstTwin(device, { ...reduced, step: 1.25e-3, scheme: 'crank-nicolson' }, 3, 12),
  'other numbers of unknowns': async (device) => {
    for (const unknowns of [1, 5, 100]) await againstTwin(device, { ...reduced, unknowns }, 2, unknowns);
  },
  'chunks and batches give the same bits': chunks,
  'mirror images have the same data': symmetry,
  'members that blow up stay alone': spoiled,
  'as an inversion problem': problem,
};

/** Steps at which the schemes are stable: `k v dt` below 2.8 for Runge-Kutta, `v^2 dt` below 2 nu for Euler's advection. */
const fine: readonly [Flow['grid'], Flow['scheme'], number, number][] = [
  [64, 'ifrk4', 1e-2, 3],
  [64, 'crank-nicolson', 2.5e-4, 2],
  [128, 'ifrk4', 2.5e-3, 2],
  [128, 'crank-nicolson', 2.5e-4, 1],
];

export const longCases: Cases = {
  'Runge-Kutta, grid 32': property(quick, thorough.runs),
  'Crank-Nicolson, grid 32, the steps of the paper': (device) =>
    againstTwin(device, { ...reduced, step: 2e-4, scheme: 'crank-nicolson' }, 5, 13),
  ...Object.fromEntries(
    fine.map(([grid, scheme, step, count]) => [
      `${scheme}, grid ${grid}`,
      (device: GPUDevice) => againstTwin(device, { grid, scheme, step, unknowns: 128 }, count, grid),
    ]),
  ),
};
