/**
 * Different estimators of the same expectations agree (formulas/nva.md 3.4, 8 iii): with the Hessian, with the gradient (Stein),
 * with values only (score), and each from a shared batch with importance weights. Leaves are independent estimates, so their
 * scatter gives the standard errors.
 */
import type { Derivatives } from '../../src/kernels/compose.ts';
import { derivativesOf, type Estimator } from '../../src/kernels/estimator.ts';
import { logRatioKernel } from '../../src/kernels/log-ratio.ts';
import { type MomentsSpec, momentsKernel } from '../../src/kernels/moments.ts';
import { reweighKernel } from '../../src/kernels/reweigh.ts';
import { sampleKernel } from '../../src/kernels/sample.ts';
import { type Proposal, sharedSampleKernel } from '../../src/kernels/shared-sample.ts';
import { chunkLayout, controlLayout, field, pack, pairs, paramsLayout, partSize, recordSize } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { sum } from '../reference/matrix.ts';
import { type Bench, onBench } from './kernel-run.ts';
import {
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  liveCounts,
  randomMixture,
  type TestMixture,
  wholeRectangle,
} from './kernels-content.ts';
import { testObjective, testObjectiveText } from './kernels-objective.ts';

const dim = 2;
const components = 3;
const leafSize = 1024;
const leaves = 24;
const samples = leafSize * leaves;

interface Estimate {
  name: string;
  /** means[k][entry] of g then G, and their standard errors. */
  means: number[][];
  errors: number[][];
}

async function estimate(bench: Bench, mixture: TestMixture, estimator: Estimator, seed: number, proposal?: Proposal): Promise<Estimate> {
  const derivatives: Derivatives = derivativesOf[estimator];
  const common = { dim, covariance: 'full', boundary: 'none' } as const;
  const objective = testObjectiveText(dim, 1);
  const spec: MomentsSpec = { dim, covariance: 'full', estimator, sharedBatch: proposal !== undefined, leafSize };
  const rows = dim + pairs(dim, 'full');
  const logShares = mixture.components.map(({ logWeight }) => (proposal === 'mixture' ? logWeight : -Math.log(components)));
  logShares.forEach((logShare, k) => {
    mixture.records[k * recordSize(dim) + field.logShare] = logShare;
  });
  bench.put({
    ms_components: mixture.records,
    ms_params: pack(paramsLayout, { ...defaultParams, seed: [seed, 0], components, samples, leaves }),
    ms_values: 4 * components * samples,
    ms_eps: dim * components * samples,
    ms_slopes: rows * components * samples,
    ms_parts: components * leaves * partSize(dim, 'full'),
  });
  const chunk = chunkOf(wholeRectangle(components, leaves), samples, leaves);
  if (proposal && derivatives !== 'hessian') {
    bench.put({
      ms_points: dim * samples,
      ms_point_slopes: dim * samples,
      ms_row_slopes: dim * samples,
      ms_weights: components * samples,
    });
    const batch = chunkOf(wholeRectangle(1, 1), samples, 1);
    bench.put({ ms_chunk: pack(chunkLayout, batch.values) });
    await bench.dispatch(sharedSampleKernel({ ...common, derivatives, proposal, objective }), batch.sampleGrid);
    await bench.dispatch(logRatioKernel({ dim, covariance: 'full', derivatives, proposal }), batch.sampleGrid);
    bench.put({ ms_chunk: pack(chunkLayout, chunk.values) });
    await bench.dispatch(reweighKernel({ dim, covariance: 'full', derivatives }), chunk.sampleGrid);
  } else {
    bench.put({ ms_chunk: pack(chunkLayout, chunk.values) });
    await bench.dispatch(sampleKernel({ ...common, derivatives, objective }), chunk.sampleGrid);
  }
  await bench.dispatch(momentsKernel(spec), chunk.leafGrid);
  const [parts] = await bench.floats('ms_parts');
  const size = partSize(dim, 'full');
  const result: Estimate = { name: proposal ? `${estimator} of a ${proposal} batch` : estimator, means: [], errors: [] };
  for (let k = 0; k < components; k++) {
    const divisor = leafSize * (proposal ? Math.exp(logShares[k]) : 1);
    const columns = Array.from({ length: rows }, (_, entry) =>
      Array.from({ length: leaves }, (_, leaf) => parts[(k * leaves + leaf) * size + 8 + entry] / divisor),
    );
    const means = columns.map((column) => sum(column) / leaves);
    result.means.push(means);
    result.errors.push(columns.map((column, i) => Math.sqrt(sum(column.map((x) => (x - means[i]) ** 2)) / (leaves * (leaves - 1)))));
  }
  return result;
}

/**
 * Independent estimates differ by at most 5.5 standard errors (24 leaves each: Student's t, p below 1e-5 an entry), and by the
 * centring on a leaf's own mean: 1/leafSize of the scatter within a leaf, sqrt(samples) standard errors.
 */
function expectAgreement(a: Estimate, b: Estimate): void {
  a.means.forEach((means, k) => {
    means.forEach((mean, i) => {
      const error = Math.hypot(a.errors[k][i], b.errors[k][i]);
      const bias = (error * Math.sqrt(samples)) / leafSize;
      const apart = Math.abs(mean - b.means[k][i]);
      if (!(apart <= 5.5 * error + bias)) {
        throw new Error(
          `entry ${i} of component ${k}: ${a.name} ${mean}, ${b.name} ${b.means[k][i]}: ${apart / error} standard errors apart`,
        );
      }
    });
  });
}

function put(bench: Bench, random: Content, mixture: TestMixture): void {
  const objective = testObjective(random, dim, false);
  bench.put({
    ms_control: pack(controlLayout, { ...defaultControl, ...liveCounts({ components, samples, leaves }), temperature: 0.7 }),
    ms_box: Float32Array.from([-1.5, 1.5, 3, 0, -1, 1, 2, 0]),
    ms_factors: mixture.factors,
    centre: Float32Array.from(objective.centre),
    bad: Float32Array.from(objective.bad),
  });
}

export const cases: Cases = {
  'estimators agree on a mixture of three': async (device) => {
    const random = new Content(11);
    const mixture = randomMixture(random, dim, components, 'full', 0.5);
    await onBench(device, async (bench) => {
      put(bench, random, mixture);
      const exact = await estimate(bench, mixture, 'hessian', 1);
      const others = [
        await estimate(bench, mixture, 'stein', 2),
        await estimate(bench, mixture, 'score', 3),
        await estimate(bench, mixture, 'stein', 4, 'mixture'),
        await estimate(bench, mixture, 'score', 5, 'flat'),
        await estimate(bench, mixture, 'stein', 6, 'stratified'),
      ];
      for (const other of others) expectAgreement(exact, other);
      expectAgreement(others[0], others[1]);
      // The test has teeth: what it compares is known to a few per cent of its size.
      const sizes = exact.means.map((means) => Math.hypot(...means));
      others.forEach((other) => {
        other.errors.forEach((errors, k) => {
          if (Math.max(...errors) > 0.1 * sizes[k]) throw new Error(`${other.name} says nothing about component ${k}`);
        });
      });
    });
  },
};
