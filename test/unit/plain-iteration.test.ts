/** The plain TypeScript baseline does the iteration that it is timed for: against float64 references on its own draws. */
import { describe, expect, it } from 'vitest';
import { bowl } from '../../bench/objective.ts';
import { PlainIteration } from '../../bench/plain-iteration.ts';
import { PlainNormals } from '../../bench/plain-normals.ts';
import { apply, identity, type Matrix, zeroMatrix } from '../reference/matrix.ts';
import { component, logDensity } from '../reference/mixture.ts';
import { combine, type Leaf, leafSums } from '../reference/moments.ts';
import { step, stepSize } from '../reference/step.ts';

const unpacked = (d: number, packed: ArrayLike<number>): Matrix =>
  Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => (j <= i ? packed[(i * (i + 1)) / 2 + j]! : 0)));

const symmetric = (d: number, packed: ArrayLike<number>): Matrix =>
  unpacked(d, packed).map((row, i, all) => row.map((entry, j) => (j <= i ? entry : all[j]![i]!)));

function expectClose(found: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  const scale = Math.max(1, ...wanted.map(Math.abs));
  wanted.forEach((entry, i) => void expect(Math.abs(found[i]! - entry)).toBeLessThan(tolerance * scale));
}

describe('the plain iteration', () => {
  // Odd and even d, leaves whose samples do not come in fours, more than one leaf.
  for (const [d, k, each] of [
    [1, 2, 30],
    [2, 4, 301],
    [3, 3, 258],
    [10, 3, 530],
  ] as const) {
    it(`agrees with float64 at d = ${d}, K = ${k}, ${each} samples a component`, () => {
      const leaves: Leaf[][] = Array.from({ length: k }, () => []);
      const means = Array.from({ length: k * d }, (_, i) => 1.5 * Math.sin(1 + 3 * i));
      const seen: { component: number; draws: Float32Array; values: Float32Array; count: number }[] = [];
      const plain = new PlainIteration({ d, k, n: k * each }, means, 1.3, 7, (component, draws, values, count) => {
        seen.push({ component, draws: draws.slice(), values: values.slice(), count });
      });
      for (let iteration = 0; iteration < 3; iteration++) {
        const before = plain.means.map((mean, c) => ({ mean: [...mean], factor: unpacked(d, plain.factors[c]!) }));
        const mixture = before.map(({ mean, factor }) => component(-Math.log(k), mean, factor));
        seen.length = 0;
        for (const list of leaves) list.length = 0;
        plain.iterate();

        for (const { component: c, draws, values, count } of seen) {
          const samples = Array.from({ length: count }, (_, s) => {
            const eps = Array.from({ length: d }, (_, i) => draws[((s >> 2) * d + i) * 4 + (s & 3)]!);
            const x = apply(before[c]!.factor, eps).map((shift, i) => shift + before[c]!.mean[i]!);
            const l = -0.5 * x.reduce((sum, t) => sum + (t - bowl.centre) ** 2, 0);
            const f = l - bowl.temperature * logDensity(mixture, x);
            expect(Math.abs(values[s]! - f)).toBeLessThan(2e-5 * Math.max(1, Math.abs(l)));
            return { l, f, weight: 1, utility: 0, eps, slope: [], curvature: zeroMatrix(d) };
          });
          leaves[c]!.push(leafSums(samples, 'score', d));
        }
        for (let c = 0; c < k; c++) {
          const { g, G, F, V } = combine(leaves[c]!, false);
          expectClose(plain.gradients[c]!, g, 1e-4);
          symmetric(d, plain.matrices[c]!).forEach((row, i) => void expectClose(row, G[i]!, 1e-4));
          expectClose([plain.values[c]!, plain.spreads[c]!], [F!, V!], 1e-4);

          const options = { rate: 0.1, ratePower: 1, rateLimit: 1e9, trust: 0.3, temperature: 1, firstTemperature: 1, stepFactor: 1 };
          const rho = stepSize(g, G, options);
          const rule = { rule: 'iblr', meanBy: 'new', deviationFloor: 0, deviationCap: 0, meanCap: 0 } as const;
          const next = step(before[c]!.factor, before[c]!.mean, g, G, { ...rule, rhoMean: rho, rhoCov: rho })!;
          expectClose(plain.means[c]!, next.mean, 1e-4);
          unpacked(d, plain.factors[c]!).forEach((row, i) => void expectClose(row, next.factor[i]!, 1e-4));
          const product = unpacked(d, plain.inverses[c]!).map((row) => apply(transposed(unpacked(d, plain.factors[c]!)), row));
          product.forEach((row, i) => void expectClose(row, identity(d)[i]!, 1e-5));
        }
      }
    });
  }

  it('settles at the bowl: its centre and unit covariance', () => {
    const plain = new PlainIteration({ d: 2, k: 2, n: 2 * 512 }, [-2, 1, 1.5, -1], 2, 3);
    for (let i = 0; i < 150; i++) plain.iterate();
    // Two components share one Gaussian: their common mean and covariance are the bowl's.
    const centre = [0, 1].map((i) => 0.5 * (plain.means[0]![i]! + plain.means[1]![i]!));
    for (const coordinate of centre) expect(coordinate).toBeCloseTo(bowl.centre, 0);
    for (const factor of plain.factors) for (const at of [0, 2]) expect(Math.abs(factor[at]! - 0.9)).toBeLessThan(0.35);
  });

  it('draws normal numbers', () => {
    const count = 1 << 20;
    const numbers = new Float32Array(count);
    new PlainNormals(11).fill(numbers, count);
    const moment = (power: number) => numbers.reduce((sum, x) => sum + x ** power, 0) / count;
    // Five standard errors each: sqrt of the variance of x^p over the count.
    expect(Math.abs(moment(1))).toBeLessThan((5 * 1) / 1024);
    expect(Math.abs(moment(2) - 1)).toBeLessThan((5 * Math.sqrt(2)) / 1024);
    expect(Math.abs(moment(3))).toBeLessThan((5 * Math.sqrt(15)) / 1024);
    expect(Math.abs(moment(4) - 3)).toBeLessThan((5 * Math.sqrt(96)) / 1024);
    for (const [edge, share] of [
      [0.5, 0.6170751],
      [2, 0.0455003],
      [3.6541528853610088, 0.000258042],
    ] as const) {
      const beyond = numbers.reduce((sum, x) => sum + (Math.abs(x) > edge ? 1 : 0), 0) / count;
      expect(Math.abs(beyond - share)).toBeLessThan(5 * Math.sqrt(share / count));
    }
    const neighbours = numbers.reduce((sum, x, i) => sum + x * (numbers[i + 1] ?? 0), 0) / count;
    expect(Math.abs(neighbours)).toBeLessThan(5 / 1024);
  });
});

const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
