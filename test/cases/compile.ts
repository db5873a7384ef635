/** Every kernel compiles in every variant, at a few dimensions, on a device of default limits. */
import { compile } from '../../src/gpu/pipelines.ts';
import type { KernelSource } from '../../src/gpu/wgsl.ts';
import { componentMomentsKernel } from '../../src/kernels/component-moments.ts';
import type { Boundary, ObjectiveText } from '../../src/kernels/compose.ts';
import { controlKernel, type SizeRule, type Weighing } from '../../src/kernels/control.ts';
import { drawKernel } from '../../src/kernels/draw.ts';
import { derivativesOf, type Estimator, MAX_COMPONENT_DIM } from '../../src/kernels/estimator.ts';
import { evaluateKernel } from '../../src/kernels/evaluate.ts';
import { exploreKernels } from '../../src/kernels/explore.ts';
import { factoriseKernel } from '../../src/kernels/factorise.ts';
import { forwardKernel, logPosteriorKernel, membersKernel, misfitKernel, residualKernel } from '../../src/kernels/forward.ts';
import { logRatioKernel } from '../../src/kernels/log-ratio.ts';
import { mixtureDensityKernel } from '../../src/kernels/mixture-density.ts';
import { momentsKernel } from '../../src/kernels/moments.ts';
import { rankKernels } from '../../src/kernels/rank.ts';
import { rankKernels as histogramKernels } from '../../src/kernels/rank-histogram.ts';
import { rewardKernel } from '../../src/kernels/reward.ts';
import { reweighKernel } from '../../src/kernels/reweigh.ts';
import { sampleKernel } from '../../src/kernels/sample.ts';
import { sharedSampleKernel } from '../../src/kernels/shared-sample.ts';
import { entropyKernels, kalmanKernels, priorKernel, sigmaMomentsKernel, slopesKernel } from '../../src/kernels/sigma.ts';
import { spectrumKernel } from '../../src/kernels/spectrum.ts';
import { type UpdateSpec, updateKernel } from '../../src/kernels/update.ts';
import { whitenKernel } from '../../src/kernels/whiten.ts';
import { fitsVariables } from '../../src/run/variants.ts';

const wgsl: ObjectiveText = {
  user: {
    file: 'test.wgsl',
    text: `fn objective(x: Point) -> f32 { return x[0] * first[0] + second[1] + third[2]; }
fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 { (*gradient)[0] = 1.0; return objective(x); }
${'fn hessian(x: Point, h: ptr<function, array<f32, DIM * DIM>>) { (*h)[0] = 1.0; }'}`,
  },
  data: ['first', 'second', 'third'],
  sense: 1,
};
const loaded: ObjectiveText = { data: [], sense: -1 };
const estimators: Estimator[] = ['score', 'stein', 'hessian', 'ranked'];
const boundaries: Boundary[] = ['reflect', 'clamp', 'penalise', 'smooth', 'none', 'bounded'];

const sizes: SizeRule[] = ['fixed', 'decaying', 'improvement'];
/** Both rules, either normalisation and all rules of sizes, in turn. */
const weighings: Weighing[] = sizes.map((size, i) => ({
  kind: 'reward',
  rule: i % 2 === 0 ? 'trust' : 'direct',
  selfNormalised: i > 0,
  size,
  componentSize: sizes[(i + 1) % 3],
}));

/** d = 2 is what every test run compiles: less of what is slow there, and compiled by the kernel's own cases too. */
function* kernels(dim: number): Generator<KernelSource> {
  const objective = {
    ...wgsl,
    user: { ...wgsl.user!, text: dim > 31 ? wgsl.user!.text.split('\n').slice(0, 2).join('\n') : wgsl.user!.text },
  };
  for (const covariance of ['full', 'diagonal'] as const) {
    yield mixtureDensityKernel({ dim, covariance });
    yield momentsKernel({ dim, covariance, estimator: 'quadratic', sharedBatch: true, leafSize: 256 });
    for (const estimator of estimators) {
      const derivatives = derivativesOf[estimator];
      if (derivatives === 'hessian' && dim > 31) continue;
      const variants = dim === 2 && covariance === 'full' ? boundaries : (['reflect'] as const);
      for (const boundary of variants) yield sampleKernel({ dim, covariance, derivatives, boundary, objective });
      if (covariance === 'full' && derivatives !== 'hessian') {
        const grouping = { size: fitsVariables(4, dim) ? 4 : 2, memory: 'storage', quads: true } as const;
        yield sampleKernel({ dim, covariance, derivatives, boundary: 'none', objective: loaded, grouping });
        yield logRatioKernel({ dim, covariance, derivatives, proposal: 'mixture', grouping });
      }
      if (dim !== 2 || covariance === 'full') yield momentsKernel({ dim, covariance, estimator, sharedBatch: false, leafSize: 256 });
      if (estimator === 'score') yield momentsKernel({ dim, covariance, estimator, sharedBatch: true, leafSize: 256 });
      if (estimator === 'stein') yield momentsKernel({ dim, covariance, estimator, sharedBatch: true, leafSize: 256, centre: 'whole' });
      if (derivatives === 'hessian') continue;
      yield sampleKernel({ dim, covariance, derivatives, boundary: 'reflect', objective: loaded });
      yield reweighKernel({ dim, covariance, derivatives });
      for (const proposal of ['mixture', 'flat', 'stratified', 'component'] as const) {
        yield sharedSampleKernel({ dim, covariance, derivatives, boundary: 'reflect', proposal, objective });
        yield drawKernel({ dim, covariance, boundary: 'reflect', proposal });
        if (proposal === 'flat' || proposal === 'stratified') continue;
        for (const ownRows of [false, true]) yield logRatioKernel({ dim, covariance, derivatives, proposal, ownRows });
        for (const remember of [false, true])
          yield logRatioKernel({ dim, covariance, derivatives: 'value', proposal, again: true, remember });
      }
    }
    yield drawKernel({ dim, covariance, boundary: 'smooth' });
    if (covariance === 'full' && dim <= MAX_COMPONENT_DIM.stein) {
      for (const estimator of ['score', 'stein'] as const) {
        yield componentMomentsKernel({ dim, estimator });
        yield componentMomentsKernel({ dim, estimator, quads: true });
      }
    }
    for (const reuseFor of ['component', 'mixture'] as const) yield rewardKernel({ dim, reuseFor });
    yield updateKernel({ dim, covariance, step: 'iblr', meanBy: 'old', divisor: 'share', centre: 'whole', leaves: 20 });
    yield updateKernel({ dim, covariance, step: 'trust', meanBy: 'new', size: 'own', divisor: 'weight', centre: 'whole', leaves: 20 });
    const spectral: UpdateSpec = { dim, covariance, step: 'exponential', meanBy: 'old', size: 'spectral', divisor: 'count', leaves: 1 };
    yield updateKernel(spectral);
    yield spectrumKernel(spectral);
    yield sampleKernel({ dim, covariance, derivatives: 'value', boundary: 'none', nodes: 'whitened', objective });
    for (const step of ['iblr', 'direct'] as const) {
      for (const meanBy of ['new', 'old'] as const) {
        yield updateKernel({ dim, covariance, step, meanBy, divisor: step === 'iblr' ? 'one' : 'count', leaves: 20 });
      }
    }
  }
  for (const temperature of dim === 2 ? (['adaptive'] as const) : (['adaptive', 'power', 'geometric'] as const)) {
    yield controlKernel({ dim, temperature, sharedBatch: false, components: 80, weighing: { kind: 'rate' } });
  }
  for (const weighing of dim === 2 ? weighings.slice(2) : weighings)
    yield controlKernel({ dim, temperature: 'geometric', sharedBatch: true, components: 8, weighing });
  yield controlKernel({ dim, temperature: 'geometric', sharedBatch: false, components: 80, weighing: { kind: 'exact' } });
  yield whitenKernel({ dim, samples: 2 * dim + 1 });
  yield factoriseKernel({ dim });
  yield* Object.values(rankKernels({ dim, count: 3000 }));
  yield* Object.values(histogramKernels({ dim }));
  for (const gradient of [false, true]) yield evaluateKernel({ dim, gradient, objective });
}

/** Inversion, with fewer data than parameters, or more. */
function* inversionKernels(dim: number): Generator<KernelSource> {
  const observations = dim > 72 ? 5 : 2 * dim + 1;
  const shape = { dim, observations };
  for (const source of ['sigma', 'particle', 'point'] as const) yield membersKernel({ dim, source });
  const text = 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0] * first[0]; }';
  yield forwardKernel({ ...shape, user: { file: 'test.wgsl', text }, data: ['first'] });
  for (const full of [false, true]) yield residualKernel({ ...shape, full });
  yield misfitKernel(shape);
  for (const correlated of [false, true]) yield logPosteriorKernel({ dim, proper: true, correlated, logNorm: -3 });
  yield logPosteriorKernel({ dim, proper: false, correlated: false, logNorm: 0 });
  yield slopesKernel(shape);
  yield* Object.values(kalmanKernels(shape));
  yield priorKernel(shape);
  for (const rule of ['kalman', 'variational'] as const) {
    for (const prior of ['none', 'independent', 'correlated'] as const) yield sigmaMomentsKernel({ ...shape, prior, rule });
  }
  yield* Object.values(entropyKernels({ dim, nodes: 2 * dim + 1 }));
  for (const rule of ['matched', 'sigma', 'none'] as const) yield* Object.values(exploreKernels({ dim, rule, nodes: 100 }));
  for (const step of ['match', 'widen', 'direct'] as const) {
    yield updateKernel({ dim, covariance: 'full', step, meanBy: 'new', divisor: 'one', given: true, leaves: 1 });
  }
  yield controlKernel({ dim, temperature: 'geometric', sharedBatch: false, components: 3, weighing: { kind: 'carried' } });
}

const compiling = (dimensions: readonly number[]) =>
  Object.fromEntries(
    dimensions.map((dim) => [
      `compiles every kernel at d = ${dim}`,
      async (device: GPUDevice) => {
        const taken = ({ subgroups }: KernelSource) => !subgroups || device.features.has('subgroups');
        await Promise.all([...kernels(dim), ...inversionKernels(dim)].filter(taken).map((source) => compile(device, source)));
      },
    ]),
  );

/** A plain one, one dimension, loops instead of written-out text, storage instead of workgroup memory, the largest. */
export const longCases = compiling([2, 1, 16, 17, 72, 73, 512]);
