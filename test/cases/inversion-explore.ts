/** Exploration of Gaussian-mixture Kalman inversion: what nodes count, and the moments of rho^(1-h) from them. */
import { type ExploreRule, exploreKernels } from '../../src/kernels/explore.ts';
import { field, momentSize, recordSize } from '../../src/kernels/state.ts';
import { drawnNodes, equalSigmaNodes } from '../../src/sampler/nodes.ts';
import type { Cases } from '../harness/cases.ts';
import { explored, nodeLog, nodeMoments, placeNode, type WeightedNode } from '../reference/explore.ts';
import { dot, sum, type Vector } from '../reference/matrix.ts';
import {
  absoluteApply,
  briefShapes,
  dispatch,
  flat,
  longShapes,
  matrixOf,
  type Run,
  rowsOf,
  type Shape,
  shapeCases,
} from './inversion-run.ts';
import { type Bench, thorough } from './kernel-run.ts';
import { packMatrix } from './kernels-content.ts';
import {
  DIVISION,
  densityBounds,
  EPSILON,
  expError,
  expectEqual,
  expectNear,
  expectSame,
  expectVector,
  logError,
} from './kernels-tolerance.ts';

/** As many as few lanes share, and more than many lanes. */
const counts = [39, 150];
const rules: ExploreRule[] = ['matched', 'sigma', 'none'];

function randomNodes({ random, dim }: Run, rule: ExploreRule): Float32Array<ArrayBuffer> {
  if (rule === 'sigma') return Float32Array.from(equalSigmaNodes(dim).rows);
  const count = counts[random.integer(2)];
  return Float32Array.from(drawnNodes(dim, count, random.integer(1000), random.chance(0.5) && count > dim).rows);
}

const nodesOf = (rows: Float32Array, dim: number): WeightedNode[] =>
  rowsOf(rows, rows.length / (dim + 1), dim + 1).map((row) => ({ z: row.slice(0, dim), weight: row[dim] }));

const checkWeight =
  (rule: 'matched' | 'sigma') =>
  async (bench: Bench, run: Run): Promise<void> => {
    const { dim, mixture, h, random } = run;
    const { components } = mixture;
    const matched = rule === 'matched';
    const rows = randomNodes(run, rule);
    const nodes = nodesOf(rows, dim);
    const count = nodes.length;
    bench.put({
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_nodes: rows,
      ms_explored: (components.length + 1) * count,
    });
    const kernel = exploreKernels({ dim, rule, nodes: count })['explore weight'];
    await dispatch(bench, run, kernel, { invocations: (components.length + 1) * count }, { samples: count });
    const [got] = await bench.floats('ms_explored');
    const widening = matched ? 1 / Math.sqrt(1 - h) : 1;
    components.forEach((own, k) => {
      nodes.forEach((node, j) => {
        // The twins take most of the time.
        if (!random.chance(40 / (count * components.length))) return;
        const x = placeNode(own, node, h, matched);
        const dx = absoluteApply(own.factor, node.z).map((entry, i) => (dim + 6) * EPSILON * (widening * entry + Math.abs(own.mean[i])));
        const { logQ } = densityBounds(mixture, x, dx);
        const square = dot(node.z, node.z) / (1 - h);
        const height = matched ? EPSILON * (3 * Math.abs(own.logNormaliser) + 3 * Math.abs(own.logWeight) + (dim + 8) * 0.5 * square) : 0;
        const want = nodeLog(components, k, node, h, matched);
        const outside = 2 * EPSILON * (Math.abs(want) + (matched ? 0 : Math.abs(own.logWeight))) + logError(Math.log(node.weight));
        // Its product with h, and the sums after it, are of numbers as large as the density's logarithm.
        const scale = 4 * EPSILON * h * (Math.abs(own.logNormaliser) + Math.abs(own.logWeight) + square + dim);
        expectNear(`what node ${j} counts for component ${k}, ${rule}`, got[k * count + j], want, h * (height + logQ) + outside + scale);
      });
    });
    expectEqual('beyond the components', got[components.length * count], 0);
  };

const checkMoments =
  (rule: ExploreRule) =>
  async (bench: Bench, run: Run): Promise<void> => {
    const { dim, mixture, random, h } = run;
    const { components } = mixture;
    const rows = randomNodes(run, rule);
    const nodes = nodesOf(rows, dim);
    const count = nodes.length;
    // Some nodes so far off that they count nothing.
    const spread = 2 ** random.uniform(-2, 4);
    const middle = random.normal(100);
    const logs = matrixOf(random, components.length, count, spread).map((row) =>
      row.map((log) => Math.fround(middle + log - (random.chance(0.1) ? 1e4 : 0))),
    );
    const moment = momentSize(dim, 'full');
    const size = recordSize(dim);
    const room = (components.length + 1) * moment;
    const before = Float32Array.from(random.vector(room));
    bench.put({ ms_nodes: rows, ms_explored: flat(logs), ms_components: mixture.records, ms_moments: before });
    const kernel = exploreKernels({ dim, rule, nodes: count })['explore moments'];
    const work = { workgroups: (components.length + 1) * (moment + 1), narrow: true };
    await dispatch(bench, run, kernel, work, { samples: rule === 'none' ? 0 : count });
    const [after, moments] = await bench.floats('ms_components', 'ms_moments');
    components.forEach((own, k) => {
      const of = nodeMoments(nodes, logs[k]);
      const want = explored(own, rule, of, h);
      // Each weight is off by what exp's argument and exp are; sums are of `count` numbers.
      const top = Math.max(...logs[k]);
      const weights = logs[k].map((log) => Math.exp(log - top));
      const total = sum(weights);
      const errors = logs[k].map(
        (log, j) => (weights[j] * (expError(Math.min(top - log, 87)) + EPSILON * (top - log) + (count + 8) * EPSILON) + 2e-38) / total,
      );
      const off = sum(errors);
      const expectation = (product: (node: WeightedNode) => number, value: number): number =>
        sum(nodes.map((node, j) => Math.abs(product(node)) * errors[j])) + Math.abs(value) * (off + DIVISION);
      const second: Vector = [];
      for (let a = 0; a < dim; a++) {
        for (let b = 0; b <= a; b++) {
          const error = expectation(({ z }) => z[a] * z[b], of.second[a][b]);
          second.push((error + (DIVISION + 2 * EPSILON) * Math.abs(of.second[a][b])) / (1 - h) + 2 * EPSILON);
        }
      }
      const first = of.first.map((entry, i) => expectation(({ z }) => z[i], entry) / Math.sqrt(1 - h) + 6 * EPSILON * Math.abs(want.g[i]));
      const allowed = rule === 'matched' ? [...first, ...second] : rule === 'sigma' ? first : [];
      const exact = new Array<number>(moment).fill(0);
      expectVector(
        `moments of component ${k}, ${rule}`,
        moments.subarray(k * moment, (k + 1) * moment),
        [...want.g, ...packMatrix(want.G, 'full')],
        exact.map((zero, i) => allowed[i] ?? zero),
      );
      const carried = rule === 'sigma' ? 0 : 4 * EPSILON * (Math.abs(own.logWeight) + Math.abs(h * own.logNormaliser));
      const share = rule === 'none' ? 0 : off + logError(Math.log(total)) + 3 * EPSILON * (Math.abs(top) + Math.log(count));
      expectNear(`log weight of component ${k}, ${rule}`, after[k * size + field.logWeight], want.logWeight, carried + share);
    });
    after.forEach((entry, at) => {
      if (at % size !== field.logWeight) expectEqual(`record entry ${at}`, entry, mixture.records[at]);
    });
    const beyond = components.length * moment;
    expectSame('moments beyond the components', moments.subarray(beyond, room), before.subarray(beyond));
  };

const sources = (rule: ExploreRule) => (shape: Shape) =>
  (rule === 'sigma' ? [2 * shape.dim + 1] : counts).flatMap((nodes) => Object.values(exploreKernels({ dim: shape.dim, rule, nodes })));

const checks = Object.fromEntries([
  ...(['matched', 'sigma'] as const).map((rule) => [`explore weight, ${rule}`, { sources: sources(rule), check: checkWeight(rule) }]),
  ...rules.map((rule) => [`explore moments, ${rule}`, { sources: sources(rule), check: checkMoments(rule) }]),
]);

export const cases: Cases = shapeCases(briefShapes, 3, checks);
export const longCases = shapeCases(longShapes, thorough.runs, checks);
