/**
 * Which of several equivalent kernels a run takes. A fixed rule of the run's shape, so that a result has the same bits wherever the rule is
 * the same; what else there is to choose from, where a run is tuned, stands in admissible.ts.
 */
import { STORAGE_BUFFERS } from '../gpu/wgsl.ts';
import { ALONE, type Grouping, packedVectors, UNIFORM_VECTORS } from '../kernels/compose.ts';
import { derivativesOf, MAX_COMPONENT_DIM } from '../kernels/estimator.ts';
import { RANK_WORDS } from '../kernels/state.ts';
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
  /** Moments by components: neighbouring invocations read rows for each other, on software adapters with the feature `subgroups`. */
  quads: boolean;
  /** Of the kernels that solve with every component's factor at every sample. */
  grouping: Grouping;
  /** Of the one that looks at a shared batch as each component does. */
  reweigh: Grouping;
  /** Of estimators by rank: exact ranks by a sorting network, or shared ones by a histogram. */
  ranks: 'sort' | 'histogram';
  /** Of own samples: by the invocation that draws them, or tile by tile in a kernel of its own, where that was found to be faster. */
  density: 'samples' | 'tiles';
}

/** Two groups of points a function must fit WGSL's 8 KiB of variables, with a little beside them; points are padded to fours. */
export const fitsVariables = (size: number, dim: number): boolean => size * 4 * Math.ceil(dim / 4) <= 1008;
/** Dimensions up to which groups of eight are worth the time they take to compile. */
const MAX_EIGHT_DIM = 10;
/** Samples of a component from which groups pay: below, invocations would be too few or half empty. */
const fewest = { 8: 64, 4: 16 } as const;

/** Samples with ranks of their own from which a histogram pays (bench/README.md), and the words that all histograms may take: 128 MiB. */
export const HISTOGRAM_FROM = 4096;
const MOST_RANK_WORDS = 2 ** 25;

export function chooseVariants(
  method: Method,
  objective: Objective,
  plan: SamplePlan,
  capacity: number,
  keepDraws = false,
  quads = false,
): Variants {
  const { dim } = objective.box;
  const taken = isAlone(method) ? 1 : groupSize(dim, isAllotted(method) ? plan.evaluations : plan.samples);
  const sloped = derivativesOf[method.estimator] === 'gradient';
  const plain: Grouping = { size: taken, memory: memoryOf(method, dim, capacity) };
  // What the kernels of own samples bind besides: records, factors, values, draws, slopes and the user's arrays.
  const grouping = method.sampling === 'own' ? within(plain, (sloped ? 5 : 4) + objective.text.data.length) : plain;
  const blocks = inBlocks(method);
  const whole = grouping.size > 1 && inWhole(method, objective);
  const segments = method.sampling === 'own' ? capacity : 1;
  const ranks = plan.samples >= HISTOGRAM_FROM && segments * RANK_WORDS <= MOST_RANK_WORDS ? 'histogram' : 'sort';
  const moments = whole ? 'whole' : byComponents(method, dim) ? 'components' : blocks ? 'blocks' : 'leaves';
  return {
    keepDraws,
    moments,
    quads: quads && moments === 'components',
    grouping: quads && mayReadByQuads(method, moments) && grouping.size > 1 ? { ...grouping, quads } : grouping,
    reweigh: plain,
    ranks,
    density: 'samples',
  };
}

/** Samples that cannot be taken in groups. */
export const isAlone = (method: Method): boolean => derivativesOf[method.estimator] === 'hessian' || method.nodes === 'whitened';

/** Sums that fit registers. */
export const inWhole = (method: Method, { kind, box }: Objective): boolean =>
  inBlocks(method) && method.sampling === 'own' && method.estimator === 'score' && box.dim <= MAX_WHOLE_DIM && kind === 'wgsl';

/** A shared batch of few dimensions with full covariance: an invocation whitens rows and sums them up by itself. */
export const byComponents = (method: Method, dim: number): boolean =>
  method.sampling !== 'own' &&
  method.covariance === 'full' &&
  (method.estimator === 'score' || method.estimator === 'stein') &&
  dim <= MAX_COMPONENT_DIM[method.estimator];

/** Drawn samples with full covariance: what the estimator sums is a block of products at a time. */
export const inBlocks = (method: Method): boolean =>
  method.nodes !== 'whitened' &&
  method.covariance === 'full' &&
  !isAllotted(method) &&
  (method.estimator === 'score' || (method.sampling === 'own' && (method.estimator === 'stein' || method.estimator === 'ranked')));

/** Whether neighbouring invocations may read packed parameters for each other: where they go through the components together. */
export const mayReadByQuads = ({ covariance }: Method, moments: Variants['moments']): boolean =>
  covariance === 'full' && moments !== 'whole';

/** `fixed`: by the rule here. `auto`: by what was fastest in a short trial on the device. */
export type Tuning = 'fixed' | 'auto';

/** What a run takes, why, and what was dropped on the way. */
export interface Chosen {
  tuning: Tuning;
  variants: Variants;
  /** Of kernels that failed their trial. */
  warnings: readonly string[];
}

export const fixedChoice = (...shape: Parameters<typeof chooseVariants>): Chosen => ({
  tuning: 'fixed',
  variants: chooseVariants(...shape),
  warnings: [],
});

/** As results and checkpoints tell it: equal for two runs whose kernels are the same. */
export function describeVariants(method: Method, { tuning, variants }: Chosen): Record<string, string> {
  const { moments, quads, grouping, reweigh } = variants;
  return {
    tuning,
    moments: {
      whole: 'with the samples',
      components: `a component an invocation${quads ? ', rows by quads' : ''}`,
      blocks: 'a block an invocation',
      leaves: 'a leaf a workgroup',
    }[moments],
    samplesAnInvocation: String(grouping.size),
    ...(method.sampling === 'own' || moments === 'components' ? {} : { reweighedAnInvocation: String(reweigh.size) }),
    ...(method.estimator === 'ranked' ? { ranks: variants.ranks } : {}),
    ...(variants.density === 'tiles' ? { density: 'tiles' } : {}),
    ...(packs(method, variants) ? { parameters: `${grouping.memory}${grouping.quads ? ', by quads' : ''}` } : {}),
  };
}

/** Whether parameters are packed, for groups of samples or for tiles. */
export const packs = (method: Method, { grouping, density }: Variants): boolean =>
  method.covariance === 'full' && (grouping.size > 1 || density === 'tiles');

/**
 * Eight with more dimensions than are summed on the spot, up to 10: 1.2 times as fast as four. Up to 16 they would be 1.05 to 1.27 times as
 * fast on a software adapter, which takes up to a second and a half longer to compile them; elsewhere they take two to eight times as long to
 * compile and run no faster (measured at d = 2 and 32). Two where four do not fit: three times as fast as one (d = 200).
 */
function groupSize(dim: number, samples: number): Grouping['size'] {
  if (dim > MAX_WHOLE_DIM && dim <= MAX_EIGHT_DIM && samples >= fewest[8]) return 8;
  if (samples < fewest[4]) return 1;
  return ([4, 2] as const).find((size) => fitsVariables(size, dim)) ?? 1;
}

/** One sample at a time where packed parameters would be a storage buffer too many. */
const within = (grouping: Grouping, others: number): Grouping =>
  grouping.size > 1 && grouping.memory === 'storage' && others + 1 > STORAGE_BUFFERS ? ALONE : grouping;

/** Diagonal covariances are not packed, and take no buffer for it. */
const memoryOf = ({ covariance }: Method, dim: number, capacity: number): Grouping['memory'] =>
  covariance === 'diagonal' || capacity * packedVectors(dim) <= UNIFORM_VECTORS ? 'uniform' : 'storage';
