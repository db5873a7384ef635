/**
 * Tables of data: what the readers refuse, and where the benchmarks' raw files are at hand (../shared/data beside the
 * repository), the reference numbers of both regressions and the error of float32 at their posteriors.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/gpu/errors.ts';
import { breastCancerTable, germanCreditTable, parseTable } from '../../src/problems/data-tables.ts';
import { choleskyFactor, seededRandom } from '../../src/problems/generated-content.ts';
import { breastCancer, germanCredit } from '../../src/problems/logistic-regression.ts';
import type { Problem } from '../../src/problems/problem.ts';
import { floatErrors } from '../cases/problems.ts';
import { getDevice } from '../harness/device.ts';

describe('parseTable', () => {
  it('reads columns apart by white space, commas or semicolons', () => {
    for (const text of ['  1 -2.5\t3e2\n4 5 6\n', '1, -2.5 ,3e2\r\n\r\n4,5,6', '1;-2.5;3e2\n4;5;6\n\n'])
      expect(parseTable(text, 'table')).toEqual([
        [1, -2.5, 300],
        [4, 5, 6],
      ]);
  });

  it('names row and column of what it cannot read', () => {
    expect(() => parseTable('1 2 3\n1 2\n', 'a.data')).toThrow(new OptionError('a.data: row 2 has 2 cells where the first row has 3'));
    expect(() => parseTable('1,2\n1,\n', 'a.data')).toThrow(new OptionError('a.data: row 2, column 2 is empty'));
    expect(() => parseTable('1 2\n\n1 ?\n', 'a.data')).toThrow(new OptionError('a.data: row 3, column 2 is "?", not a number'));
    expect(() => parseTable(' \n', 'a.data')).toThrow(new OptionError('a.data: there are no rows'));
  });
});

/** The maximum by Newton's method with halved steps, and the Hessian of `-value` there. */
function maximum(problem: Problem) {
  const { dimension: dim } = problem;
  const x = new Float64Array(dim);
  const [gradient, above, below] = [0, 1, 2].map(() => new Float64Array(dim));
  let hessian = new Float64Array(dim * dim);
  for (let step = 0; step < 30; step++) {
    problem.gradient!(x, gradient);
    hessian = new Float64Array(dim * dim);
    for (let i = 0; i < dim; i++) {
      const centre = x[i];
      x[i] = centre + 1e-4;
      problem.gradient!(x, above);
      x[i] = centre - 1e-4;
      problem.gradient!(x, below);
      x[i] = centre;
      for (let j = 0; j < dim; j++) hessian[i * dim + j] = (below[j] - above[j]) / 2e-4;
    }
    if (Math.max(...gradient.map(Math.abs)) < 1e-8) break;
    const factor = choleskyFactor(hessian, dim);
    const move = backward(factor, forward(factor, gradient));
    let size = 1;
    const moved = () => x.map((t, i) => t + size * move[i]);
    while (problem.value(moved()) < problem.value(x) && size > 1e-6) size /= 2;
    x.set(moved());
  }
  return { x, factor: choleskyFactor(hessian, dim) };
}

/** Solves `L y = b` and `L^T y = b`. */
const forward = (lower: Float64Array, b: Float64Array) => {
  const y = Float64Array.from(b);
  for (let i = 0; i < y.length; i++) {
    for (let k = 0; k < i; k++) y[i] -= lower[i * y.length + k] * y[k];
    y[i] /= lower[i * y.length + i];
  }
  return y;
};
const backward = (lower: Float64Array, b: Float64Array) => {
  const y = Float64Array.from(b);
  for (let i = y.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < y.length; k++) y[i] -= lower[k * y.length + i] * y[k];
    y[i] /= lower[i * y.length + i];
  }
  return y;
};

// [make, file, table, rows, ones, MAP log density, Laplace's log Z]
const regressions = [
  [breastCancer, 'breast_cancer.data', breastCancerTable, 569, 357, -121.572, -80.244],
  [germanCredit, 'german.data-numeric', germanCreditTable, 1000, 300, -548.265, -585.341],
] as const;

describe.each(regressions)('a regression', (make, file, table, rows, ones, map, laplace) => {
  const path = new URL(`../../../shared/data/${file}`, import.meta.url);
  const missing = existsSync(path) ? '' : ` (skipped: ${path.pathname} is not there)`;

  it.skipIf(missing)(`${file}: has the table of its sheet${missing}`, () => {
    const text = readFileSync(path, 'utf8');
    const { features, labels } = table(text);
    expect(features).toHaveLength(rows);
    expect(labels.reduce((sum, label) => sum + label, 0)).toBe(ones);
    const cut = text.split('\n');
    cut[16] = cut[16].trim().split(/\s+/).slice(1).join(' ');
    const cells = features[0].length + (file === 'breast_cancer.data' ? 2 : 1);
    expect(() => make(cut.join('\n'))).toThrow(`${file}: row 17 has ${cells - 1} cells where the first row has ${cells}`);
  });

  it.skipIf(missing)(`${file}: MAP and Laplace approximation as published; float32 close to it there${missing}`, async () => {
    const problem = make(readFileSync(path, 'utf8'));
    const { x, factor } = maximum(problem);
    const dim = problem.dimension;
    const value = problem.value(x);
    expect(Math.abs(value - map)).toBeLessThan(6e-4);
    let evidence = value + 0.5 * dim * Math.log(2 * Math.PI);
    for (let i = 0; i < dim; i++) evidence -= Math.log(factor[i * (dim + 1)]);
    expect(Math.abs(evidence - laplace)).toBeLessThan(2e-3);
    const { normal } = seededRandom(2);
    const draws = Array.from({ length: 64 }, () => backward(factor, x.map(normal)).map((t, i) => x[i] + t));
    const atMode = await floatErrors(await getDevice(), problem, [x]);
    expect(atMode.value).toBeLessThan(1e-4);
    const nearby = await floatErrors(await getDevice(), problem, draws);
    expect(nearby.value).toBeLessThan(5e-4);
    expect(nearby.gradient).toBeLessThan(3e-4);
  });
});
