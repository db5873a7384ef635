/**
 * Iterations of inversion as a whole, through `invert`: the information form of the kernels is the augmented Kalman form, DF-GMVI is its
 * formula, and with K = 1 and a linear model the error shrinks by exactly 1 - h a step (formulas/kalman.md 3.1.1 to 3.1.3, 3.2).
 */
import { invert } from '../../src/api/invert.ts';
import { type DfGmviOptions, dfGmvi, type GmkiOptions, gmki, uki } from '../../src/method/kalman.ts';
import type { PriorOptions } from '../../src/objective/prior.ts';
import type { InversionMethodSpec } from '../../src/run/inversion-method.ts';
import { entropyNodes, explorationNodes } from '../../src/run/inversion-plan.ts';
import type { Nodes } from '../../src/sampler/nodes.ts';
import type { Cases } from '../harness/cases.ts';
import { cholesky, inverseLower } from '../reference/cholesky.ts';
import { explored, nodeLog, nodeMoments, type WeightedNode } from '../reference/explore.ts';
import { differences, sigmaPoints } from '../reference/inversion.ts';
import {
  augmentedStep,
  carriedWeights,
  entropyMoments,
  entropyNode,
  noPrior,
  priorTerms,
  stepByMoments,
  variationalMoments,
} from '../reference/kalman.ts';
import {
  add,
  addVectors,
  apply,
  dot,
  identity,
  inverse,
  largestEigenvalue,
  type Matrix,
  multiply,
  outer,
  scale,
  scaleVector,
  sum,
  transpose,
  type Vector,
} from '../reference/matrix.ts';
import { type Component, component } from '../reference/mixture.ts';
import { flooredWeights } from '../reference/weigh.ts';
import { flat, matrixOf } from './inversion-run.ts';
import { Content } from './kernels-content.ts';
import { EPSILON, expectNear, expectVector } from './kernels-tolerance.ts';

/** G(theta)_i = sum_j A_ij theta_j + Q_ij theta_j^2 / 2 */
const wgsl = `fn forward(theta: Point, y: ptr<function, Observation>) {
  for (var i = 0u; i < OBSERVATIONS; i++) {
    var sum = 0.0;
    for (var j = 0u; j < DIM; j++) {
      sum += theta[j] * (linear[i * DIM + j] + 0.5 * bent[i * DIM + j] * theta[j]);
    }
    (*y)[i] = sum;
  }
}`;

type PriorName = 'none' | 'independent' | 'correlated';

/** A problem whose numbers float32 holds exactly. */
interface Problem {
  dim: number;
  A: Matrix;
  Q: Matrix;
  y: Vector;
  noise: number;
  options: PriorOptions | undefined;
  /** In search coordinates: the prior's covariance, and how they lie in physical ones. */
  P: Matrix | undefined;
  mean: Vector;
  deviation: Vector;
}

function randomProblem(random: Content, dim: number, observations: number, prior: PriorName, bent: number): Problem {
  const A = matrixOf(random, observations, dim, 1 / Math.sqrt(dim));
  const Q = matrixOf(random, observations, dim, bent / Math.sqrt(dim));
  const mean = random.vector(dim, () => (prior === 'none' ? 0 : (random.integer(17) - 8) / 8));
  const deviation = random.vector(dim, () => (prior === 'none' ? 1 : 2 ** (random.integer(3) - 1)));
  const P =
    prior === 'none'
      ? undefined
      : identity(dim).map((row, i) => row.map((one, j) => one || (prior === 'correlated' ? 0.5 ** (1 + Math.abs(i - j)) : 0)));
  const options =
    prior === 'none'
      ? undefined
      : prior === 'independent'
        ? { mean, deviation }
        : { mean, covariance: P!.map((row, i) => row.map((entry, j) => entry * deviation[i] * deviation[j])) };
  return { dim, A, Q, y: random.vector(observations, () => random.normal(2)), noise: 0.5, options, P, mean, deviation };
}

/** Whitened residual at u, in search coordinates. */
function residualAt({ A, Q, y, noise, mean, deviation }: Problem, u: Vector): Vector {
  const theta = u.map((entry, i) => mean[i] + deviation[i] * entry);
  return y.map((datum, i) => (datum - sum(theta.map((x, j) => x * (A[i][j] + 0.5 * Q[i][j] * x)))) / noise);
}

interface Start {
  means: Matrix;
  deviation: number;
}

/** The mixture after some iterations, in search coordinates. */
async function iterate(
  device: GPUDevice,
  { dim, A, Q, y, noise, options, mean, deviation }: Problem,
  method: InversionMethodSpec,
  start: Start,
  iterations: number,
  seed: number,
): Promise<{ weights: Vector; means: Matrix; covariances: Matrix[] }> {
  const { mixture } = await invert({
    device,
    wgsl,
    data: { linear: flat(A), bent: flat(Q) },
    dim,
    y,
    noise,
    ...(options ? { prior: options } : {}),
    method,
    iterations,
    seed,
    components: start.means.length,
    start: {
      means: start.means.map((u) => u.map((entry, i) => mean[i] + deviation[i] * entry)),
      deviation: deviation.map((one) => start.deviation * one),
    },
  });
  return {
    weights: [...mixture.weights],
    means: mixture.means.map((v) => v.map((entry, i) => (entry - mean[i]) / deviation[i])),
    covariances: mixture.covariances.map((rows) => rows.map((row, i) => row.map((entry, j) => entry / (deviation[i] * deviation[j])))),
  };
}

/** Within a share of the Gaussian's own deviations. */
function expectGaussian(
  what: string,
  got: { mean: Vector; covariance: Matrix },
  want: { mean: Vector; covariance: Matrix },
  share: number,
): void {
  const deviations = want.covariance.map((row, i) => Math.sqrt(row[i]));
  expectVector(
    `mean of ${what}`,
    got.mean,
    want.mean,
    deviations.map((deviation, i) => share * (deviation + Math.abs(want.mean[i]))),
  );
  want.covariance.forEach((row, i) => {
    expectVector(
      `row ${i} of the covariance of ${what}`,
      got.covariance[i],
      row,
      deviations.map((deviation) => share * deviation * deviations[i]),
    );
  });
}

const condition = (matrix: Matrix): number => largestEigenvalue(matrix) * largestEigenvalue(inverse(matrix));

/** Precisions, and precisions times means, are convex combinations of the start's and the posterior's. */
async function contracts(
  device: GPUDevice,
  dim: number,
  observations: number,
  prior: PriorName,
  content: number,
  every: boolean,
): Promise<void> {
  const random = new Content(content);
  const problem = randomProblem(random, dim, observations, prior, 0);
  const h = random.uniform(0.3, 0.8);
  const start = { means: [random.vector(dim)], deviation: 0.5 };
  const slopes = problem.A.map((row) => row.map((entry, j) => (entry * problem.deviation[j]) / problem.noise));
  const origin = residualAt(
    problem,
    start.means[0].map(() => 0),
  );
  const data = multiply(transpose(slopes), slopes);
  const posterior = problem.P ? add(data, inverse(problem.P)) : data;
  const first = scale(1 / start.deviation ** 2, identity(dim));
  const pull = apply(transpose(slopes), origin);
  const residual = residualAt(problem, start.means[0]);
  const size = Math.sqrt(dot(residual, residual) + dot(start.means[0], start.means[0]));
  const methods: InversionMethodSpec[] = [
    uki({ step: h }),
    dfGmvi({ step: h, components: 1 }),
    ...(every
      ? [
          gmki({ step: h, exploration: 'whitened', nodes: 4 * dim + 20, components: 1 }),
          gmki({ step: h, exploration: 'sigma', components: 1 }),
          ...(dim <= 2 ? [gmki({ step: h, exploration: 'hermite', nodes: 5, components: 1 })] : []),
          dfGmvi({ step: h, components: 1, entropy: 'cubature' }),
        ]
      : []),
  ];
  for (const [turn, method] of methods.entries()) {
    for (const iterations of method.name === 'uki' ? [1, 2, 3] : [1 + (turn % 3)]) {
      const { means, covariances } = await iterate(device, problem, method, start, iterations, content);
      const left = (1 - h) ** iterations;
      const precision = add(scale(left, first), scale(1 - left, posterior));
      const covariance = inverse(precision);
      const want = {
        covariance,
        mean: apply(covariance, addVectors(scaleVector(left, apply(first, start.means[0])), scaleVector(1 - left, pull))),
      };
      // Each step: differences of residuals over c, sums over data and parameters, a Cholesky factor and its inverse.
      const steps = iterations * (dim + observations + 20) * EPSILON;
      const share = steps * Math.max(condition(precision), condition(posterior)) * (1 + size / Math.sqrt(largestEigenvalue(data)));
      expectGaussian(
        `${method.name} ${JSON.stringify(turn)}, ${iterations} iterations, d = ${dim}, prior ${prior}`,
        { mean: means[0], covariance: covariances[0] },
        want,
        share,
      );
    }
  }
}

const weightedNodes = ({ rows, count }: Nodes, dim: number): WeightedNode[] =>
  Array.from({ length: count }, (_, j) => ({
    z: Array.from(rows.subarray(j * (dim + 1), j * (dim + 1) + dim), Math.fround),
    weight: Math.fround(rows[j * (dim + 1) + dim]),
  }));

interface Stepped {
  mean: Vector;
  covariance: Matrix;
  /** What is carried so far, and F. */
  logWeight: number;
  value: number;
  /** Of the change of precision. */
  condition: number;
}

/** One iteration of Gaussian-mixture Kalman inversion, by the gain of the augmented system. */
function kalmanIteration(
  problem: Problem,
  mixture: Component[],
  nodes: WeightedNode[] | undefined,
  rule: 'matched' | 'sigma' | 'none',
  c: number,
  h: number,
): Stepped[] {
  const { P, dim } = problem;
  return mixture.map((own, k) => {
    const logs = (nodes ?? []).map((node) => nodeLog(mixture, k, node, h, rule === 'matched'));
    const moments = nodes ? nodeMoments(nodes, logs) : { share: 0, first: [], second: [] };
    const { logWeight, g, G } = explored(own, rule, moments, h);
    const within = rule === 'matched' ? add(add(identity(dim), G), scale(-1, outer(g, g))) : scale(1 / (1 - h), identity(dim));
    const flattened = {
      mean: addVectors(own.mean, apply(own.factor, g)),
      factor: multiply(own.factor, cholesky(within).factor),
    };
    const residuals = sigmaPoints(dim, c).map((z) => residualAt(problem, addVectors(flattened.mean, apply(flattened.factor, z))));
    const prior = P ? dot(flattened.mean, apply(inverse(P), flattened.mean)) : 0;
    const step = augmentedStep(flattened, residuals, P, c, h);
    const whitened = inverse(flattened.factor);
    return {
      ...step,
      logWeight,
      value: -0.5 * (dot(residuals[0], residuals[0]) + prior),
      condition: condition(within) * condition(multiply(multiply(whitened, step.covariance), transpose(whitened))),
    };
  });
}

/** One iteration of DF-GMVI. */
function variationalIteration(problem: Problem, mixture: Component[], nodes: WeightedNode[], c: number, h: number): Stepped[] {
  const { P, dim } = problem;
  return mixture.map((own) => {
    const places = nodes.map(({ z }) => entropyNode(mixture, own.factor, addVectors(own.mean, apply(own.factor, z))));
    const entropy = entropyMoments(
      places,
      nodes.map(({ weight }) => weight),
    );
    const residuals = sigmaPoints(dim, c).map((z) => residualAt(problem, addVectors(own.mean, apply(own.factor, z))));
    const every = residuals.map(() => true);
    const prior = P ? priorTerms(own, inverseLower(cholesky(P).factor)) : noPrior(dim);
    const moments = variationalMoments(entropy, differences(residuals, every, c), residuals[0], prior, c);
    const change = add(identity(dim), scale(-h, moments.G));
    return {
      ...stepByMoments(own, moments, h),
      logWeight: own.logWeight,
      value: entropy.value - 0.5 * (dot(residuals[0], residuals[0]) + dot(prior.p, prior.p)),
      condition: condition(change),
    };
  });
}

async function oneIteration(
  device: GPUDevice,
  dim: number,
  observations: number,
  prior: PriorName,
  content: number,
  every: boolean,
): Promise<void> {
  const random = new Content(content);
  const problem = randomProblem(random, dim, observations, prior, 0.3);
  const h = random.uniform(0.3, 0.8);
  const seed = random.integer(1000);
  const components = 3;
  const start = { means: matrixOf(random, components, dim, 0.4), deviation: 0.5 };
  const mixture = start.means.map((mean) => component(-Math.log(components), mean, scale(start.deviation, identity(dim))));
  const kalman = (exploration: NonNullable<GmkiOptions['exploration']>, nodes?: number) => {
    const method = gmki({ step: h, exploration, ...(nodes ? { nodes } : {}), components });
    const made = explorationNodes({ rule: exploration, nodes: nodes ?? 0 }, dim, seed);
    const rule = exploration === 'sigma' || exploration === 'none' ? exploration : 'matched';
    const spread = Math.min(2, Math.sqrt(dim));
    return {
      what: `gmki ${exploration}`,
      method,
      floor: 1e-15,
      count: made?.count ?? 0,
      steps: kalmanIteration(problem, mixture, made && weightedNodes(made, dim), rule, spread, h),
    };
  };
  const variational = (entropy: NonNullable<DfGmviOptions['entropy']>) => {
    const nodes = entropyNodes(entropy, dim);
    return {
      what: `df-gmvi ${entropy}`,
      method: dfGmvi({ step: h, entropy, components }),
      floor: 1e-8,
      count: nodes.count,
      steps: variationalIteration(problem, mixture, weightedNodes(nodes, dim), 0.5, h),
    };
  };
  const all = every
    ? [
        ...(['none', 'sigma'] as const).map((rule) => kalman(rule)),
        kalman('whitened', 2 * dim + 30),
        kalman('sampled', 5 * dim + 30),
        ...(dim <= 2 ? [kalman('hermite', 7)] : []),
        ...(['mean', 'cubature', 'unscented'] as const).map(variational),
      ]
    : [
        kalman('whitened', 2 * dim + 30),
        kalman(dim <= 2 ? 'hermite' : 'sigma', dim <= 2 ? 7 : undefined),
        variational(dim === 1 ? 'mean' : 'cubature'),
      ];
  for (const { what, method, floor, count, steps } of all) {
    const { weights, means, covariances } = await iterate(device, problem, method, start, 1, seed);
    const where = `${what}, d = ${dim}, m = ${observations}, prior ${prior}`;
    const largest = Math.max(...steps.map(({ value, logWeight }) => Math.abs(value) + Math.abs(logWeight)));
    const logs = carriedWeights(
      steps.map(({ logWeight }) => logWeight),
      steps.map(({ value }) => value),
      h,
    );
    const total = Math.log(sum(logs.map(Math.exp)));
    const want = flooredWeights(
      logs.map((log) => log - total),
      floor,
    );
    steps.forEach((step, k) => {
      // Sums over nodes (16 lanes share them), data and parameters; slopes are differences of residuals of this size; two factors.
      const residual = Math.sqrt(2 * Math.abs(step.value));
      const unit = (count / 16 + dim + observations + 20) * EPSILON * (1 + residual);
      expectGaussian(`component ${k} by ${where}`, { mean: means[k], covariance: covariances[k] }, step, unit * step.condition);
      const allowed = (count / 16 + dim + observations + 20) * EPSILON * (1 + largest) + 4e-6;
      expectNear(`log weight ${k} by ${where}`, Math.log(weights[k]), want[k], allowed);
    });
  }
}

const priorNames: PriorName[] = ['none', 'independent', 'correlated'];

function makeCases(shapes: readonly (readonly [dim: number, observations: number])[], contents: number, every: boolean): Cases {
  const repeated =
    (turn: number, run: (prior: PriorName, content: number) => Promise<void>, least = 0) =>
    async () => {
      for (let i = 0; i < contents; i++) await run(priorNames[least + ((turn + i) % (3 - least))], 10 * i + turn);
    };
  return Object.fromEntries(
    shapes.flatMap(([dim, observations], turn) => [
      [
        `K = 1 and a linear model: the error shrinks by 1 - h, d = ${dim}, m = ${observations}`,
        (device: GPUDevice) =>
          // Fewer data than parameters are not a posterior alone.
          repeated(turn, (prior, content) => contracts(device, dim, observations, prior, content, every), observations < dim ? 1 : 0)(),
      ],
      [
        `one iteration is its definition, d = ${dim}, m = ${observations}`,
        (device: GPUDevice) => repeated(turn + 1, (prior, content) => oneIteration(device, dim, observations, prior, content, every))(),
      ],
    ]),
  );
}

export const cases: Cases = makeCases(
  [
    [1, 1],
    [17, 6],
  ],
  1,
  false,
);
export const longCases = makeCases(
  [
    [1, 3],
    [2, 2],
    [3, 40],
    [7, 5],
    [33, 50],
    [75, 20],
  ],
  3,
  true,
);
