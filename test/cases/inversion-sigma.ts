/** Whitened moments from the sigma points of a forward model: each kernel of Gaussian-mixture Kalman inversion and DF-GMVI alone. */
import {
  entropyKernels,
  kalmanKernels,
  type PriorKind,
  priorKernel,
  type SigmaMomentsSpec,
  sigmaMomentsKernel,
  slopesKernel,
} from '../../src/kernels/sigma.ts';
import { bestPointOffset, field, momentSize, NO_VALUE, recordSize } from '../../src/kernels/state.ts';
import { cubatureNodes, meanNode, unscentedNodes } from '../../src/sampler/nodes.ts';
import type { Cases } from '../harness/cases.ts';
import { cholesky, inverseLower } from '../reference/cholesky.ts';
import { type Differences, differences } from '../reference/inversion.ts';
import {
  entropyMoments,
  entropyNode,
  kalmanMoments,
  kalmanNoise,
  middleOfUsable,
  noPrior,
  type PriorTerms,
  priorTerms,
  variationalMoments,
} from '../reference/kalman.ts';
import {
  absolute,
  add,
  addVectors,
  apply,
  identity,
  type Matrix,
  multiply,
  scale,
  sum,
  transpose,
  type Vector,
} from '../reference/matrix.ts';
import { type Component, pull, responsibilities } from '../reference/mixture.ts';
import {
  absoluteApply,
  briefShapes,
  dispatch,
  flat,
  longShapes,
  matrixOf,
  misfitWords,
  type Run,
  randomMisfits,
  randomResiduals,
  rowsOf,
  type Shape,
  shapeCases,
} from './inversion-run.ts';
import { type Bench, brief, thorough } from './kernel-run.ts';
import { packMatrix, randomFactor, unpackMatrix } from './kernels-content.ts';
import {
  DIVISION,
  densityBounds,
  EPSILON,
  expectEqual,
  expectNear,
  expectSame,
  expectVector,
  pullBound,
  whitenedGradientBound,
} from './kernels-tolerance.ts';

const triangle = (size: number): number => (size * (size + 1)) / 2;
const lower = (matrix: Matrix): Vector => packMatrix(matrix, 'full');
const succeeded = (misfits: readonly (number | undefined)[]): boolean[] => misfits.map((own) => own !== undefined);

async function checkSlopes(bench: Bench, run: Run, failing: boolean): Promise<void> {
  const { dim, observations, mixture, c } = run;
  const components = mixture.components.length;
  const misfits = randomMisfits(run, failing);
  const residuals = randomResiduals(run, misfits);
  const numbers = components * dim * observations;
  bench.put({
    ms_residuals: flat(residuals.flat()),
    ms_misfits: misfitWords(misfits.flat()),
    ms_slopes_of: numbers + 1,
    ms_bends: numbers + 1,
  });
  await dispatch(bench, run, slopesKernel(run), { invocations: numbers + 1 });
  const [slopes, bends] = await bench.floats('ms_slopes_of', 'ms_bends');
  residuals.forEach((own, k) => {
    const want = differences(own, succeeded(misfits[k]), c);
    for (let axis = 0; axis < dim; axis++) {
      const at = (k * dim + axis) * observations;
      // Two differences of three residuals, one of both, a division.
      const rises = own[0].map((entry, i) => {
        const side = (point: number) => (misfits[k][point] === undefined ? 0 : Math.abs(entry - own[point][i]));
        return (side(2 * axis + 1) + side(2 * axis + 2)) / c;
      });
      const allowed = rises.map((rise) => (DIVISION + 4 * EPSILON) * rise);
      expectVector(`slope ${axis} of ${k}`, slopes.subarray(at, at + observations), want.slopes[axis], allowed);
      expectVector(`bend ${axis} of ${k}`, bends.subarray(at, at + observations), want.bends[axis], allowed);
    }
  });
  expectEqual('beyond the components', slopes[numbers], 0);
}

/** Slopes, bends and so on, of any size. */
const randomDifferences = ({ random, dim, observations, mixture }: Run): Differences[] =>
  mixture.components.map(() => ({
    slopes: matrixOf(random, dim, observations, 2 ** random.uniform(-4, 5)),
    bends: matrixOf(random, dim, observations, 2 ** random.uniform(-8, 3)),
  }));

async function checkNoise(bench: Bench, run: Run): Promise<void> {
  const { dim, observations, h } = run;
  const all = randomDifferences(run);
  const kept = triangle(observations);
  bench.put({ ms_bends: flat(all.flatMap(({ bends }) => bends)), ms_noise: (all.length + 1) * kept });
  await dispatch(bench, run, kalmanKernels(run)['kalman noise'], { invocations: (all.length + 1) * kept });
  const [got] = await bench.floats('ms_noise');
  all.forEach(({ bends }, k) => {
    const size = lower(kalmanNoise({ bends: absolute(bends) }, h));
    const want = lower(kalmanNoise({ bends }, h));
    expectVector(
      `noise of ${k}`,
      got.subarray(k * kept, (k + 1) * kept),
      want,
      size.map((entry) => (dim + 4) * EPSILON * entry),
    );
  });
  expectVector('noise beyond the components', got.subarray(all.length * kept), new Array<number>(kept).fill(0), 0);
}

async function checkFactor(bench: Bench, run: Run): Promise<void> {
  const { observations, h } = run;
  const all = randomDifferences(run);
  const kept = triangle(observations);
  const noise = all.map((own) => kalmanNoise(own, h).map((row) => row.map(Math.fround)));
  bench.put({ ms_noise: Float32Array.from(noise.flatMap(lower)) });
  await dispatch(bench, run, kalmanKernels(run)['kalman factor'], { workgroups: all.length + 1 });
  const [got] = await bench.floats('ms_noise');
  noise.forEach((matrix, k) => {
    const factor = unpackMatrix(got, observations, 'full', false, k * kept);
    const product = multiply(factor, transpose(factor));
    const size = multiply(absolute(factor), absolute(transpose(factor)));
    // Backward error, but where a pivot was held to its least, 1/h: what rounding had taken off it is put back.
    const unit = (observations + 8) * EPSILON;
    const top = Math.max(...matrix.map((row, i) => row[i]));
    product.forEach((row, i) => {
      expectVector(
        `row ${i} of the factor's square, component ${k}`,
        row.slice(0, i + 1),
        matrix[i].slice(0, i + 1),
        size[i].slice(0, i + 1).map((entry, j) => unit * (entry + (i === j ? top : 0))),
      );
      if (!(factor[i][i] >= Math.sqrt(1 / h) * (1 - 4 * EPSILON)))
        throw new Error(`pivot ${i} of ${k} is ${factor[i][i] ** 2}, 1/h ${1 / h}`);
    });
  });
}

async function checkWhiten(bench: Bench, run: Run, failing: boolean): Promise<void> {
  const { dim, observations, mixture, random, h } = run;
  const components = mixture.components.length;
  const misfits = randomMisfits(run, failing);
  const residuals = randomResiduals(run, misfits);
  const all = randomDifferences(run);
  const factors = all.map((own) => cholesky(kalmanNoise(own, h)).factor.map((row) => row.map(Math.fround)));
  bench.put({
    ms_noise: Float32Array.from(factors.flatMap(lower)),
    ms_residuals: flat(residuals.flat()),
    ms_misfits: misfitWords(misfits.flat()),
    ms_slopes_of: flat(all.flatMap(({ slopes }) => slopes)),
    ms_innovations: Float32Array.from(random.vector(components * observations)),
  });
  await dispatch(bench, run, kalmanKernels(run)['kalman whiten'], { invocations: (components + 1) * (dim + 1) });
  const [slopes, innovations] = await bench.floats('ms_slopes_of', 'ms_innovations');
  factors.forEach((factor, k) => {
    const size = absolute(factor);
    // Backward error of forward substitution (Higham 2002, theorem 8.5).
    const expectSolved = (what: string, got: Vector, side: Vector): void => {
      const allowed = absoluteApply(size, got).map((entry) => (observations + 4) * EPSILON * entry);
      expectVector(`${what} of ${k}`, apply(factor, got), side, allowed);
    };
    rowsOf(slopes, dim, observations, k * dim * observations).forEach((row, axis) => {
      expectSolved(`slope ${axis}`, row, all[k].slopes[axis]);
    });
    const centre = misfits[k][0] === undefined ? residuals[k][0].map(() => 0) : residuals[k][0];
    expectSolved('innovation', rowsOf(innovations, 1, observations, k * observations)[0], centre);
  });
}

/** An inverse factor of correlations, as the host keeps it. */
const randomInverse = ({ random, dim }: Run): Matrix =>
  inverseLower(randomFactor(random, dim, 'full', 1)).map((row) => row.map(Math.fround));

async function checkPrior(bench: Bench, run: Run): Promise<void> {
  const { dim, mixture } = run;
  const inverse = randomInverse(run);
  const kept = triangle(dim) + dim;
  const { components } = mixture;
  bench.put({
    ms_prior: Float32Array.from(lower(inverse)),
    ms_components: mixture.records,
    ms_factors: mixture.factors,
    ms_prior_factors: (components.length + 1) * kept,
  });
  await dispatch(bench, run, priorKernel(run), { invocations: (components.length + 1) * kept });
  const [got] = await bench.floats('ms_prior_factors');
  components.forEach((own, k) => {
    const want = priorTerms(own, inverse);
    const size = priorTerms({ factor: absolute(own.factor), mean: own.mean.map(Math.abs) }, absolute(inverse));
    expectVector(
      `prior's factor and residual of ${k}`,
      got.subarray(k * kept, (k + 1) * kept),
      [...lower(want.V), ...want.p],
      [...lower(size.V), ...size.p].map((entry) => (dim + 2) * EPSILON * Math.abs(entry)),
    );
  });
  expectVector('prior beyond the components', got.subarray(components.length * kept), new Array<number>(kept).fill(0), 0);
}

const priors: PriorKind[] = ['none', 'independent', 'correlated'];

function termsOf(kind: PriorKind, own: Component, inverse: Matrix): PriorTerms {
  const dim = own.mean.length;
  const { V, p } = kind === 'none' ? noPrior(dim) : priorTerms(own, kind === 'correlated' ? inverse : identity(dim));
  return { V: V.map((row) => row.map(Math.fround)), p: p.map(Math.fround) };
}

const checkMoments =
  (rule: SigmaMomentsSpec['rule']) =>
  async (bench: Bench, run: Run, failing: boolean): Promise<void> => {
    const { dim, observations, mixture, random, h, c } = run;
    const { components } = mixture;
    const prior = priors[random.integer(3)];
    const inverse = randomInverse(run);
    const misfits = randomMisfits(run, failing);
    const all = randomDifferences(run);
    const residuals = matrixOf(random, components.length, observations, 2 ** random.uniform(-3, 5));
    const terms = components.map((own) => termsOf(prior, own, inverse));
    const before = components.map(() => ({
      g: random.vector(dim),
      G: random.symmetric(dim, 'full'),
      value: random.normal(20),
    }));
    const size = recordSize(dim);
    const moment = momentSize(dim, 'full');
    const records = mixture.records.slice();
    before.forEach(({ value }, k) => {
      records[k * size + field.value] = value;
      // Better than what comes, now and then.
      records[k * size + field.best] = random.chance(0.3) ? 0 : NO_VALUE;
    });
    const sigma = 2 * dim + 1;
    const kept = triangle(dim) + dim;
    // In memory all sigma points' residuals; only those of the means count here.
    const everyResidual = new Float32Array(components.length * sigma * observations).fill(1e30);
    residuals.forEach((row, k) => {
      everyResidual.set(row, k * sigma * observations);
    });
    const garbage = Float32Array.from(random.vector((components.length + 1) * moment));
    before.forEach(({ g, G }, k) => {
      garbage.set([...g, ...lower(G)], k * moment);
    });
    bench.put({
      ms_misfits: misfitWords(misfits.flat()),
      ms_slopes_of: flat(all.flatMap(({ slopes }) => slopes)),
      ms_bends: flat(all.flatMap(({ bends }) => bends)),
      ms_residuals: everyResidual,
      ms_innovations: flat(residuals),
      ms_factors: mixture.factors,
      ms_prior_factors: Float32Array.from(terms.flatMap(({ V, p }) => [...lower(V), ...p])),
      ms_components: records,
      ms_moments: garbage,
    });
    expectEqual('floats of the prior', terms.flatMap(({ V, p }) => [...lower(V), ...p]).length, components.length * kept);
    await dispatch(bench, run, sigmaMomentsKernel({ dim, observations, prior, rule }), {
      invocations: (components.length + 1) * moment,
    });
    const [after, moments] = await bench.floats('ms_components', 'ms_moments');
    components.forEach((own, k) => {
      const where = `component ${k}, ${rule}, prior ${prior}`;
      const of = (slopes: Matrix, bends: Matrix, r: Vector, prior: PriorTerms, start: (typeof before)[number]) =>
        rule === 'kalman' ? kalmanMoments(slopes, r, prior, h) : variationalMoments(start, { slopes, bends }, r, prior, c);
      const got = moments.subarray(k * moment, (k + 1) * moment);
      const record = after.subarray(k * size, (k + 1) * size);
      const old = records.subarray(k * size, (k + 1) * size);
      const count = misfits[k].filter((entry) => entry !== undefined).length;
      const phi = misfits[k][0];
      const touched = new Map<number, number>([
        [field.usable, count],
        [field.effective, count],
        [field.variance, 0],
      ]);
      if (phi === undefined) {
        // To the middle of what is usable; what exploration widened is narrowed again: 1 + h/(1-h) = 1/(1-h).
        const widened = rule === 'kalman' ? 1 / (1 - h) : 0;
        const shift = middleOfUsable(succeeded(misfits[k]), c).map((entry) => entry / (rule === 'kalman' ? h * (1 - h) : h));
        expectVector(
          `moments of ${where}, lost`,
          got,
          [...shift, ...lower(scale(-widened, identity(dim)))],
          [...shift, ...lower(scale(widened, identity(dim)))].map((entry) => (3 * DIVISION + (4 * EPSILON) / (1 - h)) * Math.abs(entry)),
        );
        touched.set(field.value, NO_VALUE);
      } else {
        const want = of(all[k].slopes, all[k].bends, residuals[k], terms[k], before[k]);
        const bounds = of(
          absolute(all[k].slopes),
          absolute(all[k].bends),
          residuals[k].map(Math.abs),
          { V: absolute(terms[k].V), p: terms[k].p.map(Math.abs) },
          { g: before[k].g.map(Math.abs), G: scale(-1, absolute(before[k].G)), value: 0 },
        );
        const unit = (Math.max(dim, observations) + 10) * EPSILON;
        expectVector(
          `moments of ${where}`,
          got,
          [...want.g, ...lower(want.G)],
          [...bounds.g, ...lower(bounds.G)].map((entry) => unit * Math.abs(entry)),
        );
        const potential = phi + 0.5 * sum(terms[k].p.map((entry) => entry * entry));
        const allowed = (dim + 4) * EPSILON * potential;
        const value = rule === 'kalman' ? 0 : before[k].value;
        expectNear(`F of ${where}`, record[field.value], value - potential, allowed + 2 * EPSILON * Math.abs(value));
        const better = -potential > old[field.best];
        expectNear(`best of ${where}`, record[field.best], better ? -potential : 0, better ? allowed : 0);
        const point = better ? own.mean : Array.from(old.subarray(bestPointOffset(dim), bestPointOffset(dim) + dim));
        expectSame(`best point of ${where}`, record.subarray(bestPointOffset(dim), bestPointOffset(dim) + dim), point);
        touched.set(field.value, record[field.value]).set(field.best, record[field.best]);
        for (let i = 0; i < dim; i++) touched.set(bestPointOffset(dim) + i, point[i]);
      }
      record.forEach((entry, at) => {
        expectEqual(`record entry ${at} of ${where}`, entry, touched.get(at) ?? old[at]);
      });
    });
    const beyond = components.length * moment;
    expectSame('moments beyond the components', moments.subarray(beyond), garbage.subarray(beyond));
  };

async function checkEntropy(bench: Bench, run: Run): Promise<void> {
  const { dim, mixture, random } = run;
  const { components, inverses } = mixture;
  const K = components.length;
  const nodes = [meanNode, cubatureNodes, unscentedNodes][random.integer(3)](dim);
  const rows = Float32Array.from(nodes.rows);
  bench.put({
    ms_components: mixture.records,
    ms_factors: mixture.factors,
    ms_nodes: rows,
    ms_entropy: (K * nodes.count + 1) * (dim + 1),
    ms_pulls: (K * nodes.count + 1) * K * (dim + 1),
  });
  await dispatch(bench, run, entropyKernels({ dim, nodes: nodes.count }).entropy, { invocations: (K + 1) * nodes.count });
  const [entropy, pulls] = await bench.floats('ms_entropy', 'ms_pulls');
  // The twins take most of the time: some of the nodes of large ones.
  const slots = Array.from({ length: K * nodes.count }, (_, slot) => slot).filter(() => dim < 8 || random.chance(8 / (K * nodes.count)));
  for (const slot of slots) {
    const k = Math.floor(slot / nodes.count);
    const node = slot % nodes.count;
    const { mean, factor } = components[k];
    const z = Array.from(rows.subarray(node * (dim + 1), node * (dim + 1) + dim));
    const x = addVectors(mean, apply(factor, z));
    const dx = absoluteApply(factor, z).map((entry, i) => (dim + 2) * EPSILON * (entry + Math.abs(mean[i])));
    const want = entropyNode(components, factor, x);
    const bounds = densityBounds(mixture, x, dx);
    const shares = responsibilities(components, x);
    const where = `node ${node} of component ${k}`;
    const at = slot * (dim + 1);
    expectNear(`log density at ${where}`, entropy[at + dim], want.logDensity, bounds.logQ);
    /** L_k^T of each component's pull: how large it is, and how far off. */
    const own = components.map((other, i) => {
      const bound = pullBound(other, inverses[i], x, dx);
      return {
        size: absoluteApply(absolute(transpose(factor)), pull(other, x)),
        error: addVectors(
          whitenedGradientBound(factor, bound.size, bound.error),
          bound.size.map(() => 0),
        ),
      };
    });
    // A responsibility is exp of a difference: off by the errors of both, relatively.
    const shareErrors = components.map((_, i) => bounds.responsibilities[i] + (K + 4) * EPSILON * shares[i]);
    const gradientError = want.gradient.map((_, axis) =>
      sum(own.map(({ size, error }, i) => shares[i] * error[axis] + shareErrors[i] * (size[axis] + error[axis]))),
    );
    expectVector(`gradient at ${where}`, entropy.subarray(at, at + dim), want.gradient, gradientError);
    components.forEach((_, i) => {
      const from = (slot * K + i) * (dim + 1);
      const root = Math.sqrt(shares[i]);
      // exp(t / 2), with t off by what the responsibility is off by, relatively.
      const rootError = shares[i] > 1e-37 ? (0.5 * shareErrors[i]) / root + 8 * EPSILON * root : 1e-18;
      expectVector(
        `pull of ${i} at ${where}`,
        pulls.subarray(from, from + dim),
        want.pulls[i],
        gradientError.map(
          (error, axis) =>
            (root + rootError) * (own[i].error[axis] + error) +
            rootError * (own[i].size[axis] + Math.abs(want.gradient[axis])) +
            2 * EPSILON * Math.abs(want.pulls[i][axis]),
        ),
      );
    });
  }
  expectEqual('beyond the nodes', entropy[K * nodes.count * (dim + 1)], 0);
}

async function checkEntropyMoments(bench: Bench, run: Run): Promise<void> {
  const { dim, mixture, random } = run;
  const K = mixture.components.length;
  const count = [1, 2 * dim][random.integer(2)];
  const rows = matrixOf(random, count, dim + 1);
  const nodes = mixture.components.map(() =>
    rows.map(() => ({ logDensity: random.normal(30), gradient: random.vector(dim), pulls: matrixOf(random, K, dim) })),
  );
  const moment = momentSize(dim, 'full');
  const size = recordSize(dim);
  bench.put({
    ms_nodes: flat(rows),
    ms_entropy: flat(nodes.flat().map(({ gradient, logDensity }) => [...gradient, logDensity])),
    ms_pulls: flat(nodes.flat().flatMap(({ pulls }) => pulls.map((own) => [...own, 1e30]))),
    ms_components: mixture.records,
    ms_moments: (K + 1) * moment,
  });
  await dispatch(bench, run, entropyKernels({ dim, nodes: count })['entropy moments'], { invocations: (K + 1) * (moment + 1) });
  const [after, moments] = await bench.floats('ms_components', 'ms_moments');
  const weights = rows.map((row) => row[dim]);
  nodes.forEach((own, k) => {
    const want = entropyMoments(own, weights);
    const bounds = entropyMoments(
      own.map(({ logDensity, gradient, pulls }) => ({
        logDensity: Math.abs(logDensity),
        gradient: gradient.map(Math.abs),
        pulls: absolute(pulls),
      })),
      weights.map(Math.abs),
    );
    const unit = (count + K + 4) * EPSILON;
    expectVector(
      `moments of ${k}`,
      moments.subarray(k * moment, (k + 1) * moment),
      [...want.g, ...lower(want.G)],
      [...bounds.g, ...lower(add(bounds.G, scale(-2, identity(dim))))].map((entry) => unit * Math.abs(entry)),
    );
    expectNear(`value of ${k}`, after[k * size + field.value], want.value, unit * Math.abs(bounds.value));
  });
  after.forEach((entry, at) => {
    if (at % size !== field.value) expectEqual(`record entry ${at}`, entry, mixture.records[at]);
  });
  expectEqual('beyond the components', moments[K * moment], 0);
}

const every = ({ dim, observations }: Shape, rule: SigmaMomentsSpec['rule']) =>
  priors.map((prior) => sigmaMomentsKernel({ dim, observations, prior, rule }));
const entropies = (name: 'entropy' | 'entropy moments') => (shape: Shape) =>
  [meanNode, cubatureNodes].map((nodes) => entropyKernels({ dim: shape.dim, nodes: nodes(shape.dim).count })[name]);

const checks = {
  slopes: { sources: (shape: Shape) => [slopesKernel(shape)], check: checkSlopes },
  'kalman noise': { sources: (shape: Shape) => [kalmanKernels(shape)['kalman noise']], check: checkNoise },
  'kalman factor': { sources: (shape: Shape) => [kalmanKernels(shape)['kalman factor']], check: checkFactor },
  'kalman whiten': { sources: (shape: Shape) => [kalmanKernels(shape)['kalman whiten']], check: checkWhiten },
  prior: { sources: (shape: Shape) => [priorKernel(shape)], check: checkPrior },
  'kalman moments': { sources: (shape: Shape) => every(shape, 'kalman'), check: checkMoments('kalman') },
  'variational moments': { sources: (shape: Shape) => every(shape, 'variational'), check: checkMoments('variational') },
  entropy: { sources: entropies('entropy'), check: checkEntropy },
  'entropy moments': { sources: entropies('entropy moments'), check: checkEntropyMoments },
};

export const cases: Cases = shapeCases(briefShapes, brief.runs, checks);
export const longCases = shapeCases(longShapes, thorough.runs, checks);
