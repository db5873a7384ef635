/** Darcy flow: permeability and observations against float64, the two modes, and that members and chunks leave each other alone. */
import fc from 'fast-check';
import { BufferSet, readBuffer } from '../../src/gpu/buffers.ts';
import {
  type DarcySpec,
  darcyObservations,
  darcyPermeabilityKernel,
  darcyPressureKernel,
  darcySizes,
  darcyWork,
  PERMEABILITY_LANES,
} from '../../src/kernels/darcy.ts';
import { type DarcyOptions, type DarcyProblem, darcy, mirrored, permeability, stepDarcy } from '../../src/problems/darcy.ts';
import { darcyModes, highestFrequency } from '../../src/problems/darcy-basis.ts';
import { darcyTables } from '../../src/problems/darcy-forward.ts';
import type { Cases } from '../harness/cases.ts';
import { darcyResidual, logPermeability, logPermeabilityTerms } from '../reference/darcy.ts';
import { sum } from '../reference/matrix.ts';
import { forAll, onBench } from './kernel-run.ts';
import { Content } from './kernels-content.ts';
import { EPSILON, expError, expectEqual, expectNear, expectSameBits } from './kernels-tolerance.ts';

/** Of data, relative to their root mean square. */
const TOLERANCE = 1e-4;

const drawTheta = (random: Content, count: number, dim: number, deviation: number): Float32Array<ArrayBuffer> =>
  new Float32Array(count * dim).map(() => deviation * random.normal());

/** Predictions of a batch, by a model opened for `members`. */
async function predict(
  device: GPUDevice,
  problem: DarcyProblem,
  theta: Float32Array<ArrayBuffer>,
  members = theta.length / problem.dimension,
): Promise<Float32Array<ArrayBuffer>> {
  const { dimension: dim, observations } = problem;
  const count = theta.length / dim;
  const model = await problem.buffers!.open(device, members);
  const set = new BufferSet(device);
  try {
    const batch = {
      device,
      parameters: set.create('parameters', theta),
      predictions: set.create('predictions', count * observations),
      count,
      dim,
      observations,
    };
    const encoder = device.createCommandEncoder();
    model.encode!(batch, encoder);
    device.queue.submit([encoder.finish()]);
    return new Float32Array(await readBuffer(device, batch.predictions, 4 * count * observations));
  } finally {
    model.dispose!();
    set.destroy();
  }
}

const rootMeanSquare = (values: ArrayLike<number>): number => Math.sqrt(sum(Array.from(values, (v) => v * v)) / values.length);

function expectObservations(what: string, got: ArrayLike<number>, want: ArrayLike<number>, tolerance = TOLERANCE): void {
  const allowed = tolerance * rootMeanSquare(want);
  for (let o = 0; o < want.length; o++) expectNear(`${what}, observation ${o}`, got[o], want[o], allowed);
}

/** Rows `from` to `to` of a table. */
const rows = (table: Float32Array<ArrayBuffer>, width: number, from: number, to = from + 1) => table.slice(from * width, to * width);

async function permeabilityProperty(device: GPUDevice, nodes: number, modes: number, count: number, content: number): Promise<void> {
  const theta = drawTheta(new Content(content), count, modes, 10);
  const reflected = Float32Array.from([...Array(count).keys()].flatMap((k) => [...mirrored(rows(theta, modes, k))]));
  const basis = darcyModes(modes);
  const spec: DarcySpec = { dim: modes, frequencies: highestFrequency(basis) + 1, nodes, firstObserved: 1, spacing: 1 };
  const sizes = darcySizes(nodes);
  await onBench(device, async (bench) => {
    bench.put(darcyTables({ spec, modes: basis, forcing: new Float64Array(nodes ** 2), memory: 0 }));
    const run = async (parameters: Float32Array<ArrayBuffer>) => {
      bench.put({ ms_parameters: parameters, ms_permeability: count * sizes.field });
      await bench.dispatch(darcyPermeabilityKernel(spec), Math.ceil((count * sizes.rows) / PERMEABILITY_LANES));
      return (await bench.floats('ms_permeability'))[0];
    };
    const got = await run(theta);
    const mirror = await run(reflected);
    for (let k = 0; k < count; k++) {
      const own = rows(theta, modes, k);
      const twin = permeability(own, nodes);
      for (let i = 0; i < nodes ** 2; i++) {
        const [x, y] = [i % nodes, Math.floor(i / nodes)];
        const where = `member ${k}, node (${x}, ${y})`;
        const log = logPermeability(own, x / (nodes - 1), y / (nodes - 1));
        expectNear(`twin at ${where}`, twin[i], Math.exp(log), 1e-11 * twin[i]);
        const size = sum(logPermeabilityTerms(own, x / (nodes - 1), y / (nodes - 1)).map(Math.abs)) + sum(own.map(Math.abs)) * 1e-3;
        const allowed = (modes + 16) * EPSILON * size + expError(log);
        const at = k * sizes.field + i;
        expectNear(`permeability of ${where}`, got[at], twin[i], allowed * twin[i]);
        expectEqual(`mirror image of ${where}`, mirror[at - x + nodes - 1 - x], got[at]);
      }
    }
  });
}

async function observationProperty(device: GPUDevice, options: DarcyOptions, count: number, deviation: number, content: number) {
  const problem = darcy(options);
  const dim = problem.dimension;
  const theta = drawTheta(new Content(content), count, dim, deviation);
  const reflected = Float32Array.from([...Array(count).keys()].flatMap((k) => [...mirrored(rows(theta, dim, k))]));
  const got = await predict(device, problem, Float32Array.from([...theta, ...reflected]));
  for (let k = 0; k < count; k++) {
    const want = problem.twin(Float64Array.from(rows(theta, dim, k)));
    expectObservations(`member ${k}`, rows(got, problem.observations, k), want);
    expectObservations(`mirror image of member ${k}`, rows(got, problem.observations, count + k), want);
  }
}

/** The twin's pressure solves the equations, and the mirror image explains the same data. */
async function checkTwin(options: DarcyOptions, forcing: (x1: number, x2: number) => number): Promise<void> {
  const problem = darcy(options);
  const a = permeability(problem.truth, problem.nodes);
  const pressure = problem.pressure(problem.truth);
  expectNear('residual of the pressure', darcyResidual(a, pressure, forcing, problem.nodes), 0, 1e-9);
  expectObservations('mirror image', problem.twin(mirrored(problem.truth)), problem.twin(problem.truth), 1e-9);
  expectEqual('data', problem.data.length, problem.observations);
  const exact = problem.twin(problem.truth);
  const off = problem.data.map((y, o) => y - exact[o]);
  expectNear('noise', rootMeanSquare(off), problem.noise as number, 0.5 * (problem.noise as number));
}

/** A preconditioner that is wrong shows in nothing but the steps: without the coarser grids they grow with the nodes, to 66-92 at 80 a side. */
async function checkSteps(device: GPUDevice, nodes: number): Promise<void> {
  const modes = darcyModes(128);
  const spec: DarcySpec = { dim: 128, frequencies: highestFrequency(modes) + 1, nodes, firstObserved: 1, spacing: 1 };
  const count = 5;
  const sizes = darcySizes(nodes);
  await onBench(device, async (bench) => {
    bench.put({
      ...darcyTables({ spec, modes, forcing: new Float64Array(nodes ** 2).fill(1000), memory: 0 }),
      ms_parameters: drawTheta(new Content(9), count, 128, 10),
      ms_permeability: count * sizes.field,
      ms_work: count * darcyWork(nodes),
      ms_predictions: count * darcyObservations(spec).count,
      ms_steps: count,
    });
    await bench.dispatch(darcyPermeabilityKernel(spec), Math.ceil((count * sizes.rows) / PERMEABILITY_LANES));
    await bench.dispatch(darcyPressureKernel(spec), count);
    const steps = new Uint32Array((await bench.bytes('ms_steps'))[0], 0, count);
    for (const taken of steps) if (taken < 1 || taken > 8) throw new Error(`${nodes} nodes a side: ${steps.join(', ')} steps`);
  });
}

async function checkChunks(device: GPUDevice, options: DarcyOptions, counts: readonly number[]): Promise<void> {
  const whole = darcy(options);
  const pieces = darcy({ ...options, memory: 1 });
  const most = Math.max(...counts);
  const theta = drawTheta(new Content(7), most, whole.dimension, 10);
  const want = await predict(device, whole, theta);
  for (const count of counts) {
    const own = rows(theta, whole.dimension, 0, count);
    const expected = rows(want, whole.observations, 0, count).buffer;
    expectSameBits(`${count} in one piece`, (await predict(device, whole, own, most)).buffer, expected);
    expectSameBits(`${count} in pieces`, (await predict(device, pieces, own, most)).buffer, expected);
  }
}

/** Members without a number, or beyond what float32 solves, are lost; the others have the bits they have among sound ones. */
async function checkLost(device: GPUDevice, options: DarcyOptions): Promise<void> {
  const problem = darcy(options);
  const { dimension: dim, observations } = problem;
  const theta = drawTheta(new Content(8), 7, dim, 10);
  const want = await predict(device, problem, theta);
  const spoilt = theta.slice();
  spoilt[dim + 3] = Number.NaN;
  spoilt[3 * dim] = Number.POSITIVE_INFINITY;
  spoilt[6 * dim + 1] = -1e30;
  const lost = new Set([1, 3, 6]);
  const got = await predict(device, problem, spoilt);
  for (let k = 0; k < 7; k++) {
    const own = rows(got, observations, k);
    if (lost.has(k)) for (const y of own) expectEqual(`finite, member ${k}`, Number.isFinite(y), false);
    else expectSameBits(`member ${k}`, own.buffer, rows(want, observations, k).buffer);
  }
}

const stripes = (_x1: number, x2: number) => 1000 * Math.sin(4 * Math.PI * x2);
const small: DarcyOptions = { nodes: 20, modes: 32, spacing: 3 };

function makeCases(runs: number, most: number): Cases {
  return {
    'darcy: permeability against its series': (device) =>
      forAll(
        runs,
        {
          nodes: fc.integer({ min: 4, max: most }),
          modes: fc.integer({ min: 1, max: 130 }),
          count: fc.integer({ min: 1, max: 3 }),
          content: fc.nat(),
        },
        [{ nodes: 20, modes: 128, count: 3, content: 0 }],
        ({ nodes, modes, count, content }) => permeabilityProperty(device, nodes, modes, count, content),
      ),
    'darcy: observations against float64, and the mirror image': (device) =>
      forAll(
        runs,
        {
          nodes: fc.integer({ min: 5, max: most }),
          modes: fc.integer({ min: 1, max: 130 }),
          spacing: fc.integer({ min: 1, max: 4 }),
          count: fc.integer({ min: 1, max: 5 }),
          deviation: fc.constantFrom(0, 1, 10, 20),
          content: fc.nat(),
        },
        [
          { nodes: 20, modes: 128, spacing: 3, count: 3, deviation: 10, content: 1 },
          { nodes: 4, modes: 20, spacing: 1, count: 5, deviation: 10, content: 2 },
          { nodes: 5, modes: 20, spacing: 1, count: 5, deviation: 10, content: 2 },
        ],
        ({ nodes, modes, spacing, count, deviation, content }) => {
          const observed = Math.max(1, Math.min(spacing, Math.floor((nodes - 1) / 3)));
          return observationProperty(device, { nodes, modes, spacing: observed }, count, deviation, content);
        },
      ),
  };
}

export const cases: Cases = {
  ...makeCases(5, 37),
  'darcy: the twin': () => checkTwin(small, stripes),
  'darcy: few steps': async (device) => {
    for (const nodes of [18, 39]) await checkSteps(device, nodes);
  },
  'darcy: chunks change no bit': (device) => checkChunks(device, { nodes: 9, modes: 32, spacing: 2 }, [1, 16, 37]),
  'darcy: lost members': (device) => checkLost(device, small),
};

export const longCases: Cases = {
  ...makeCases(25, 60),
  'darcy: 80 by 80 nodes against float64': async (device) => {
    for (const deviation of [0.1, 10, 40]) await observationProperty(device, {}, 12, deviation, 3);
  },
  'darcy: steps of forcing, 81 by 81 nodes': (device) => observationProperty(device, stepDarcy, 12, 5, 4),
  'darcy: few steps on every grid': async (device) => {
    for (const nodes of [5, 8, 13, 33, 64, 65, 66, 80, 97, 130]) await checkSteps(device, nodes);
  },
  'darcy: the twin at 80 by 80 nodes': () => checkTwin({}, stripes),
  'darcy: data from a finer grid': () => checkTwin({ ...stepDarcy, noise: 2 }, stepDarcy.forcing!),
  'darcy: chunks change no bit, 40 by 40 nodes': (device) => checkChunks(device, { nodes: 40, modes: 128, spacing: 5 }, [1, 64, 65, 200]),
};
