/**
 * Which of several equivalent kernels a run takes: the one place that chooses. A fixed rule of the run's shape, so that a result has the
 * same bits wherever the rule is the same.
 */
import { STORAGE_BUFFERS } from '../gpu/wgsl.ts';
import { MAX_COMPONENT_DIM } from '../kernels/component-moments.ts';
import { ALONE, type Grouping, packedVectors, UNIFORM_VECTORS } from '../kernels/compose.ts';
import { MAX_UNROLLED_DIM } from '../kernels/factor-unrolled.ts';
import { derivativesOf } from '../kernels/moments.ts';
import { MAX_WHOLE_DIM } from '../kernels/whole-sample.ts';
import type { Objective } from '../objective/objective.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import { isAllotted, type Method } from './method.ts';

export interface Variants {
  /** Draws are left in `ms_eps` even where no other kernel needs them. */
  keepDraws: boolean;
  /**
   * Moments in the kernel that draws, without barriers; by one invocation a component, a block of the matrix, without barriers; or by a
   * workgroup a leaf.
   */
  moments: 'whole' | 'components' | 'blocks' | 'leaves';
  /** Of the kernels that solve with every component's factor at every sample. */
  grouping: Grouping;
}

/** Two groups of points a function must fit WGSL's 8 KiB of variables. */
const WIDEST = 168;
/** Samples of a component from which groups pay: below, invocations would be too few or half empty. */
const fewest = { 8: 64, 4: 16 } as const;

export function chooseVariants(method: Method, objective: Objective, plan: SamplePlan, capacity: number, keepDraws = false): Variants {
  const { dim } = objective.box;
  const alone = derivativesOf[method.estimator] === 'hessian' || method.nodes === 'whitened';
  const taken = alone ? 1 : groupSize(dim, isAllotted(method) ? plan.evaluations : plan.samples);
  const sloped = derivativesOf[method.estimator] === 'gradient';
  const wanted: Grouping = { size: taken, memory: memoryOf(dim, capacity) };
  // What the kernels bind besides: records, factors, values, draws, slopes and the user's arrays.
  const grouping = method.sampling === 'own' ? within(wanted, (sloped ? 5 : 4) + objective.text.data.length) : wanted;
  const blocks = inBlocks(method);
  const whole =
    blocks &&
    method.sampling === 'own' &&
    method.estimator === 'score' &&
    dim <= MAX_WHOLE_DIM &&
    grouping.size > 1 &&
    objective.kind === 'wgsl';
  const moments = whole ? 'whole' : byComponents(method, dim) ? 'components' : blocks ? 'blocks' : 'leaves';
  return { keepDraws, moments, grouping };
}

/** A shared batch of few dimensions with full covariance: an invocation whitens rows and sums them up by itself. */
const byComponents = (method: Method, dim: number): boolean =>
  method.sampling !== 'own' &&
  method.covariance === 'full' &&
  (method.estimator === 'score' || method.estimator === 'stein') &&
  dim <= MAX_COMPONENT_DIM;

/** Drawn samples with full covariance: what the estimator sums is a block of products at a time. */
export const inBlocks = (method: Method): boolean =>
  method.nodes !== 'whitened' &&
  method.covariance === 'full' &&
  !isAllotted(method) &&
  (method.estimator === 'score' || (method.sampling === 'own' && (method.estimator === 'stein' || method.estimator === 'ranked')));

/** As results tell it. */
export const describeVariants = ({ moments, grouping }: Variants): Record<string, string> => ({
  tuning: 'fixed',
  moments: {
    whole: 'with the samples',
    components: 'a component an invocation',
    blocks: 'a block an invocation',
    leaves: 'a leaf a workgroup',
  }[moments],
  samplesAnInvocation: String(grouping.size),
  ...(grouping.size > 1 ? { parameters: grouping.memory } : {}),
});

/** Whether parameters are packed for groups of samples. */
export const packs = (method: Method, { grouping }: Variants): boolean => method.covariance === 'full' && grouping.size > 1;

/**
 * Eight where the kernel is written out; four in its loops, where eight are hardly faster and take a software driver eight times as long to
 * compile (measured at d = 32).
 */
function groupSize(dim: number, samples: number): Grouping['size'] {
  if (dim <= MAX_UNROLLED_DIM && samples >= fewest[8]) return 8;
  return dim <= WIDEST && samples >= fewest[4] ? 4 : 1;
}

/** One sample at a time where packed parameters would be a storage buffer too many. */
const within = (grouping: Grouping, others: number): Grouping =>
  grouping.size > 1 && grouping.memory === 'storage' && others + 1 > STORAGE_BUFFERS ? ALONE : grouping;

const memoryOf = (dim: number, capacity: number): Grouping['memory'] =>
  capacity * packedVectors(dim) <= UNIFORM_VECTORS ? 'uniform' : 'storage';
