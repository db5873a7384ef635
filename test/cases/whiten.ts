/** Whitened draws: mean 0 and covariance I exactly, of the draws that the counters give, by a lower triangle; and what reads them. */
import fc from 'fast-check';
import { drawKernel } from '../../src/kernels/draw.ts';
import { sampleKernel } from '../../src/kernels/sample.ts';
import { chunkLayout, controlLayout, pack, paramsLayout } from '../../src/kernels/state.ts';
import { whitenKernel } from '../../src/kernels/whiten.ts';
import { boxRows } from '../../src/objective/box.ts';
import type { Cases } from '../harness/cases.ts';
import { place } from '../reference/draw.ts';
import { sum, type Vector } from '../reference/matrix.ts';
import { drawNormals } from '../reference/normals.ts';
import { purpose, randomWords, type Words2 } from '../reference/philox.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, chunkOf, defaultControl, defaultParams, liveCounts, randomMixture } from './kernels-content.ts';
import { testObjective, testObjectiveText } from './kernels-objective.ts';
import { EPSILON, expectNear, expectSame, expectVector } from './kernels-tolerance.ts';
import { normalBound } from './random.ts';
import { placeBound } from './sample.ts';

interface Sizes {
  components: number;
  /** Samples beyond d + 1. */
  more: number;
  content: number;
}

const row = (all: Float32Array, stride: number, first: number, count: number, i: number): Vector =>
  Array.from(all.subarray(i * stride + first, i * stride + first + count));

/** The draws of one component, whitened (rows are coordinates), against those of the counters. */
function checkComponent(nodes: readonly Vector[], component: number, round: number, seed: Words2): void {
  const dim = nodes.length;
  const count = nodes[0].length;
  const drawn = Array.from({ length: count }, (_, s) => drawNormals(dim, s, component, round, seed));
  const bounds = Array.from({ length: count }, (_, s) =>
    Array.from({ length: dim }, (_, i) => normalBound(randomWords(i >> 2, purpose.draw, s, component, round, seed)[i & 2])),
  );
  const unit = (count + 2 * dim + 16) * EPSILON;
  for (let i = 0; i < dim; i++) {
    expectNear(`mean of coordinate ${i}`, sum(nodes[i]) / count, 0, unit);
    for (let j = 0; j <= i; j++) {
      expectNear(`covariance ${i}, ${j}`, sum(nodes[i].map((z, s) => z * nodes[j][s])) / count, i === j ? 1 : 0, 2 * unit);
    }
    // z - mean = R whitened, R lower with a diagonal above 0: what is drawn lies in the span of the first i + 1.
    const own = drawn.map((z) => z[i]);
    const mean = sum(own) / count;
    const shares = Array.from({ length: i + 1 }, (_, j) => sum(nodes[j].map((z, s) => z * (own[s] - mean))) / count);
    if (!(shares[i] > 0)) throw new Error(`coordinate ${i} is turned round: ${shares[i]}`);
    const size = Math.sqrt(sum(own.map((z) => z * z)) / count);
    const error = Math.sqrt(sum(bounds.map((bound) => bound[i] ** 2)));
    own.forEach((z, s) => {
      const rest = z - mean - sum(shares.map((share, j) => share * nodes[j][s]));
      expectNear(`coordinate ${i} of sample ${s}`, rest, 0, 2 * bounds[s][i] + 3 * error + 4 * unit * size * Math.sqrt(count));
    });
  }
}

async function whitenProperty(device: GPUDevice, dim: number, { components, more, content }: Sizes): Promise<void> {
  const random = new Content(content);
  const samples = dim + 1 + more;
  const seed: Words2 = [random.word(), random.word()];
  const round = random.integer(1000);
  const mixture = randomMixture(random, dim, components, 'full');
  const objective = testObjective(random, dim, false);
  const ones = new Float64Array(dim).fill(1);
  // In two chunks, whose buffers are longer than they are.
  const split = random.integer(components);
  const chunks = [
    [0, split],
    [split, components - split],
  ].filter(([, count]) => count > 0);
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, { ...defaultControl, ...liveCounts({ components, samples, leaves: 1 }), round }),
      ms_params: pack(paramsLayout, { ...defaultParams, seed, components, samples, leaves: 1 }),
      // Search coordinates are the user's.
      ms_box: boxRows({ dim, lower: ones.map((one) => -one), upper: ones }),
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_values: 4 * samples * components,
      centre: Float32Array.from(objective.centre),
      bad: Float32Array.from(objective.bad),
    });
    for (const [firstComponent, componentCount] of chunks) {
      const chunk = chunkOf({ firstComponent, componentCount, firstLeaf: 0, leafCount: 1 }, samples, 1, { slack: 3 });
      const { stride } = chunk.values;
      bench.put({ ms_chunk: pack(chunkLayout, chunk.values), ms_eps: dim * stride, ms_user_points: dim * chunk.count });
      await bench.dispatch(whitenKernel({ dim, samples }), componentCount);
      const [nodes] = await bench.floats('ms_eps');
      const spec = variant(dim);
      await bench.dispatch(drawKernel(spec), chunk.sampleGrid);
      await bench.dispatch(sampleKernel(spec), chunk.sampleGrid);
      const [points, left, values] = await bench.floats('ms_user_points', 'ms_eps', 'ms_values');
      expectSame('nodes after the sample kernel', left, nodes);
      for (let k = firstComponent; k < firstComponent + componentCount; k++) {
        const first = chunk.index(k, 0);
        checkComponent(
          Array.from({ length: dim }, (_, i) => row(nodes, stride, first, samples, i)),
          k,
          round,
          seed,
        );
        const own = mixture.components[k];
        for (let s = 0; s < samples; s++) {
          const where = `sample ${s} of component ${k}`;
          const eps = Array.from({ length: dim }, (_, i) => nodes[i * stride + first + s]);
          const x = Array.from(points.subarray((first + s) * dim, (first + s + 1) * dim));
          // Beside the placing: a few sums with the box's ends.
          const bounds = placeBound(own.mean, own.factor, eps).map((bound, i) => bound + 8 * EPSILON * (1 + Math.abs(x[i])));
          expectVector(`point of ${where}`, x, place(own, eps, 1), bounds);
          const value = objective.value(x);
          expectNear(`value of ${where}`, values[4 * (k * samples + s)], value, 1e-4 * (dim + Math.abs(value)));
        }
      }
    }
  });
}

const variant = (dim: number) =>
  ({ dim, covariance: 'full', boundary: 'none', nodes: 'whitened', derivatives: 'value', objective: testObjectiveText(dim, 1) }) as const;

function makeCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `whitened draws, d = ${dim}`,
      async (device: GPUDevice) => {
        const wide = dim > WIDE;
        await compileAll(device, [drawKernel(variant(dim)), sampleKernel(variant(dim))]);
        const inputs = {
          components: fc.integer({ min: 1, max: wide ? 2 : 5 }),
          more: fc.integer({ min: 0, max: wide ? 30 : 3 * dim + 70 }),
          content: fc.nat(),
        };
        // No more draws than there must be: their covariance is as near singular as it comes.
        const fewest = { components: 2, more: 0, content: 1 };
        await forAll(wide ? 2 : runs, inputs, [fewest, { ...fewest, more: dim, content: 2 }], (sizes) =>
          whitenProperty(device, dim, sizes),
        );
      },
    ]),
  );
}

export const cases: Cases = makeCases(brief);
export const longCases = makeCases(thorough);
