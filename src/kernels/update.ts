/** Kernel C: leaves -> whitened moments -> step, one workgroup a component. */
import cholesky from '../../shaders/lib/cholesky.wgsl?raw';
import combine from '../../shaders/lib/combine.wgsl?raw';
import invertFactor from '../../shaders/lib/invert_factor.wgsl?raw';
import momentSquares from '../../shaders/lib/moment_squares.wgsl?raw';
import pivotAny from '../../shaders/lib/pivot_any.wgsl?raw';
import rateCommon from '../../shaders/lib/rate_common.wgsl?raw';
import stepFull from '../../shaders/lib/step_full.wgsl?raw';
import stepLimits from '../../shaders/lib/step_limits.wgsl?raw';
import workStorage from '../../shaders/lib/work_storage.wgsl?raw';
import workWorkgroup from '../../shaders/lib/work_workgroup.wgsl?raw';
import update from '../../shaders/update.wgsl?raw';
import { compose, type KernelSource, type Module } from '../gpu/wgsl.ts';
import { declare, factorModules, pairsModules, shared } from './compose.ts';
import { MAX_UNROLLED_DIM } from './factor-unrolled.ts';
import { diagonal, given, stepSizes } from './rare.ts';
import { reduction } from './reduction.ts';
import { type Covariance, momentSize, partSize, reductionLanes } from './state.ts';

/**
 * `trust`: the largest direct step within the component's own bound on the KL divergence, its mean moved by the new covariance.
 * `exponential`: Sigma <- L exp(rho G) L^T, of a spectral size. `match`: the Gaussian with the moments' mean and covariance; `widen`: its
 * mean, and the covariance widened by 1/(1-h) (kalman.md 3.1.2).
 */
export type StepRule = 'iblr' | 'direct' | 'trust' | 'exponential' | 'match' | 'widen';

/** How a spectral step size falls over the iterations. */
export type Decay = 'constant' | 'stable-cosine' | 'stable-linear' | 'cosine' | 'exponential';
const decays: Record<Decay, number> = { constant: 0, 'stable-cosine': 1, 'stable-linear': 2, cosine: 3, exponential: 4 };

/** Values of `ms_DIVISOR`. */
const divisors = { count: 0, one: 1, weight: 2, share: 3 } as const;

export interface UpdateSpec {
  dim: number;
  covariance: Covariance;
  step: StepRule;
  /** The mean moves by the new covariance (NVA), or by the old one (Lin 2020). */
  meanBy: 'new' | 'old';
  /**
   * The step size is one for all components (the default), or the component's own, or `spectral`: bounded by the eigenvalues of G that
   * the spectrum kernel found. `trust` has its own bound always.
   */
  size?: 'common' | 'own' | 'spectral';
  /** Of a spectral size: how it falls, and whether the largest eigenvalue of all components bounds it or each has its own. */
  decay?: Decay;
  together?: boolean;
  /** The first step that a component ever takes, of its own size, moves the mean too (the default), or the covariance only. */
  meanFirst?: 'at-once' | 'second';
  /**
   * What the leaves' sums are divided by to be moments: the number of usable samples, nothing (ranked utilities are normalised
   * already), their weight, or the number of rows times the component's share of their proposal.
   */
  divisor: keyof typeof divisors;
  /** What the leaves' matrices are centred on: each on its own means, or all on none, the whole being centred when combined. */
  centre?: 'leaf' | 'whole';
  /** The moments lie in `ms_moments` already, of a quadratic fit, and are left alone. */
  fitted?: boolean;
  /** So do they, with no partial sums behind them: what is usable of them has been seen to. */
  given?: boolean;
  /** Reduction leaves a component. */
  leaves: number;
}

/** Beyond this a packed triangle (and what else a workgroup holds) no longer fits 16 KiB: it lies in storage instead. */
export const MAX_WORKGROUP_DIM = 72;

/** Lanes that share the leaves of one output, of which a workgroup sums several: a fixed rule, part of the result's bits. */
const leafRunOf = (leaves: number): number => (leaves >= 16 ? 8 : 1);

export const needsScratch = (spec: Pick<UpdateSpec, 'dim' | 'covariance'>): boolean =>
  spec.covariance === 'full' && spec.dim > MAX_WORKGROUP_DIM;

/** The modules of the work triangle: in workgroup memory, or in `ms_scratch`. */
export const workModule = (dim: number): string => (dim > MAX_WORKGROUP_DIM ? workStorage : workWorkgroup);

/** Buffers of the work triangle. */
export const workBindings = (spec: Pick<UpdateSpec, 'dim' | 'covariance'>): string[] => (needsScratch(spec) ? ['ms_scratch'] : []);

/**
 * The step's work is d^2 a lane at most up to 16 dimensions; beyond, more lanes pay for their barriers, up to 32 dimensions 32 at most.
 */
export const updateLanes = ({ dim, covariance, leaves }: UpdateSpec): number => {
  const unrolled = dim <= MAX_UNROLLED_DIM;
  const lanes = reductionLanes(unrolled ? leaves : Math.max(momentSize(dim, covariance), leaves));
  return !unrolled && dim <= 32 && leaves <= 64 ? Math.min(lanes, 32) : lanes;
};

/** Constants of shaders/lib/combine.wgsl. */
export const combineConstants = (spec: UpdateSpec) => ({
  DIM: spec.dim,
  ms_PART: partSize(spec.dim, spec.covariance),
  ms_PART_BEST_POINT: partSize(spec.dim, spec.covariance) - spec.dim,
  ms_MOMENT: momentSize(spec.dim, spec.covariance),
  ms_LEAF_RUN: leafRunOf(spec.leaves),
  ms_DIVISOR: divisors[spec.divisor],
  ms_WHOLE: spec.centre === 'whole',
  ms_FITTED: spec.fitted ?? false,
});

/** Steps of a size of their own, which no rate changes. */
const isMatching = (step: StepRule): boolean => step === 'match' || step === 'widen';

/** What turns moments into a step, by rule and covariance. */
function stepModules({ dim, covariance, step }: UpdateSpec): Module[] {
  const exponential = step === 'exponential';
  if (covariance === 'diagonal') {
    return exponential ? [diagonal('stepFactor'), diagonal('exponential'), stepSizes('meanSide')] : [diagonal('step')];
  }
  const rule = exponential
    ? [stepSizes('exponential'), given('stepFactor'), stepSizes('meanSide')]
    : isMatching(step)
      ? [given('match'), given('stepFactor')]
      : [stepFull];
  return [workModule(dim), cholesky, invertFactor, ...rule];
}

/** Reads `ms_parts`; writes `ms_components`, `ms_factors`, `ms_moments` (and `ms_scratch`, where {@link needsScratch}). */
export function updateKernel(spec: UpdateSpec): KernelSource {
  const full = spec.covariance === 'full';
  const trust = spec.step === 'trust';
  const own = trust || spec.size === 'own';
  const spectral = spec.size === 'spectral';
  const rate = own ? stepSizes('own') : spectral ? stepSizes('spectral') : rateCommon;
  return compose({
    label: 'update',
    lanes: updateLanes(spec),
    constants: {
      ...combineConstants(spec),
      ms_IBLR: spec.step === 'iblr',
      ms_WIDEN: spec.step === 'widen',
      ms_MATCHED: isMatching(spec.step),
      ms_TRUST_REGION: trust,
      ms_MEAN_BY_NEW: trust || spec.meanBy === 'new',
      ms_OWN_SIZE: own,
      ms_MEAN_SECOND: own && spec.meanFirst === 'second',
      ...(spectral ? { ms_DECAY: decays[spec.decay ?? 'constant'], ms_TOGETHER: spec.together ?? true } : {}),
    },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params'),
      ...declare('read', ...(spec.given ? [] : ['ms_parts'])),
      ...declare('write', 'ms_components', 'ms_factors', 'ms_moments', ...workBindings(spec)),
    ],
    modules: [
      shared.numbers,
      shared.state,
      ...factorModules(spec.covariance, spec.dim),
      ...pairsModules(spec.covariance),
      ...reduction(updateLanes(spec)),
      stepLimits,
      ...(full ? [spec.given && spec.step === 'direct' ? given('pivotHeld') : pivotAny] : []),
      ...stepModules(spec),
      ...(trust ? [full ? stepSizes('spectrum') : diagonal('spectrum'), stepSizes('trustRegion')] : [rate]),
      // Its own cosine, of the decays.
      ...(spectral ? [shared.normal] : []),
      momentSquares,
      spec.given ? given('combine') : combine,
      update,
    ],
  });
}
