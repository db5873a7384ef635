/** Batched Cholesky, inverse and log-determinant; a matrix that is not positive definite is named and changes nothing. */
import fc from 'fast-check';
import { factoriseKernel } from '../../src/kernels/factorise.ts';
import { field, pairs, recordSize } from '../../src/kernels/state.ts';
import { MAX_WORKGROUP_DIM } from '../../src/kernels/update.ts';
import type { Cases } from '../harness/cases.ts';
import { cholesky, logNormaliser, rmsDeviation } from '../reference/cholesky.ts';
import { absolute, identity, type Matrix, multiply, sum, transpose, zeroMatrix } from '../reference/matrix.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, packMatrix, randomFactor, unpackMatrix } from './kernels-content.ts';
import { EPSILON, expectEqual, expectNear, expectSame, expectVector, logError } from './kernels-tolerance.ts';

/** A = B D B^T with unit D, or with one negative entry: then the pivot of exactly that column fails. Entries are float32. */
function randomMatrix(random: Content, dim: number, failing: number | undefined): Matrix {
  const factor = randomFactor(random, dim, 'full', 2 ** random.uniform(-6, 2));
  const signed = factor.map((row) => row.map((entry, j) => (j === failing ? -entry : entry)));
  const matrix = zeroMatrix(dim);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let entry = 0;
      for (let m = 0; m <= j; m++) entry += signed[i][m] * factor[j][m];
      matrix[i][j] = Math.fround(entry);
      matrix[j][i] = matrix[i][j];
    }
  }
  return matrix;
}

/** |got - want| entry by entry below `count` units of the absolute products; the lower triangle of left times right. */
function expectProduct(what: string, left: Matrix, right: Matrix, want: Matrix, count: number): void {
  const got = multiply(left, right);
  const size = multiply(absolute(left), absolute(right));
  want.forEach((row, i) => {
    const lower = row.slice(0, i + 1);
    expectVector(
      `${what}, row ${i}`,
      got[i],
      lower,
      lower.map((_, j) => count * EPSILON * size[i][j]),
    );
  });
}

/**
 * A factor L and inverse as a kernel left them: L^-1 L = I by columns of d products each; the log normaliser is a sum of d logs,
 * the deviation the root of a sum of squares.
 */
export function checkFactor(what: string, factor: Matrix, inverse: Matrix, logNorm: number, deviation: number): void {
  const dim = factor.length;
  factor.forEach((row, i) => {
    if (!(row[i] > 0 && Number.isFinite(row[i]))) throw new Error(`${what}: diagonal entry ${i} of the factor is ${row[i]}`);
  });
  expectProduct(`${what}, L L^-1`, factor, inverse, identity(dim), dim + 8);
  const logs = factor.map((row, i) => Math.log(row[i]));
  const logsError = sum(logs.map((log) => logError(log) + (dim + 8) * EPSILON * (Math.abs(log) + 1)));
  expectNear(`${what}, log normaliser`, logNorm, logNormaliser(factor), logsError);
  const wanted = rmsDeviation(factor);
  expectNear(`${what}, deviation`, deviation, wanted, (dim + 16) * EPSILON * wanted);
}

async function factoriseProperty(device: GPUDevice, dim: number, count: number, spoil: boolean, content: number): Promise<void> {
  const random = new Content(content);
  const failing = Array.from({ length: count }, () => (spoil && random.chance(0.5) ? random.integer(dim) : undefined));
  const matrices = failing.map((column) => randomMatrix(random, dim, column));
  const kept = pairs(dim, 'full');
  const size = recordSize(dim);
  const before = new Float32Array(2 * count * kept).map(() => random.normal());
  const records = new Float32Array(count * size).map(() => random.normal());
  await onBench(device, async (bench) => {
    bench.put({
      ms_covariances: Float32Array.from(matrices.flatMap((matrix) => packMatrix(matrix, 'full'))),
      ms_components: records,
      ms_factors: before,
      ms_statuses: count,
      ...(dim > MAX_WORKGROUP_DIM ? { ms_scratch: count * kept } : {}),
    });
    await bench.dispatch(factoriseKernel({ dim }), count);
    const [words, factors, after] = await bench.floats('ms_statuses', 'ms_factors', 'ms_components');
    const statuses = new Uint32Array(words.buffer);
    matrices.forEach((matrix, k) => {
      const where = `matrix ${k}`;
      const twin = cholesky(matrix);
      expectEqual(`twin's status of ${where}`, twin.failure, failing[k] === undefined ? 0 : failing[k] + 1);
      expectEqual(`status of ${where}`, statuses[k], twin.failure);
      const touched = new Set(twin.failure === 0 ? [field.logNorm, field.deviation] : []);
      for (let i = 0; i < size; i++) {
        if (!touched.has(i as never)) expectEqual(`record ${i} of ${where}`, after[k * size + i], records[k * size + i]);
      }
      if (twin.failure !== 0) {
        const own = (all: Float32Array) => all.subarray(2 * k * kept, 2 * (k + 1) * kept);
        expectSame(`factors of ${where}`, own(factors), own(before));
        return;
      }
      const factor = unpackMatrix(factors, dim, 'full', false, 2 * k * kept);
      const inverse = unpackMatrix(factors, dim, 'full', false, (2 * k + 1) * kept);
      // Backward error (Higham 2002, theorem 10.3): the computed factor is that of a matrix within d + 1 units, entry by entry.
      expectProduct(`${where}, L L^T`, factor, transpose(factor), matrix, dim + 8);
      checkFactor(where, factor, inverse, after[k * size + field.logNorm], after[k * size + field.deviation]);
    });
  });
}

function makeCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `factorise, d = ${dim}`,
      async (device: GPUDevice) => {
        await compileAll(device, [factoriseKernel({ dim })]);
        const inputs = { count: fc.integer({ min: 1, max: dim > WIDE ? 3 : 20 }), spoil: fc.boolean(), content: fc.nat() };
        await forAll(
          dim > WIDE ? Math.ceil(runs / 3) : runs,
          inputs,
          [{ count: 1, spoil: false, content: 0 }],
          ({ count, spoil, content }) => factoriseProperty(device, dim, count, spoil, content),
        );
      },
    ]),
  );
}

export const cases: Cases = {
  ...makeCases({ ...brief, dims: [...brief.dims, MAX_WORKGROUP_DIM, MAX_WORKGROUP_DIM + 1] }),
  'factorise, d = 512, through storage': (device) => factoriseProperty(device, 512, 1, false, 6),
};
export const longCases = makeCases(thorough);
