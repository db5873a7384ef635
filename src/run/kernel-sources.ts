/** Which kernels a method needs on an objective. */
import type { KernelSource } from '../gpu/wgsl.ts';
import { adaptKernel } from '../kernels/adapt.ts';
import { componentMomentsKernel } from '../kernels/component-moments.ts';
import { controlKernel } from '../kernels/control.ts';
import { drawKernel } from '../kernels/draw.ts';
import { factoriseKernel } from '../kernels/factorise.ts';
import { logRatioKernel } from '../kernels/log-ratio.ts';
import { derivativesOf, momentsKernel } from '../kernels/moments.ts';
import { ownMomentsKernel } from '../kernels/own-moments.ts';
import { packKernel } from '../kernels/pack.ts';
import { pastDensityKernel } from '../kernels/past.ts';
import { rankKernel } from '../kernels/rank.ts';
import { regressKernels } from '../kernels/regress.ts';
import { rewardKernel } from '../kernels/reward.ts';
import { reweighKernel } from '../kernels/reweigh.ts';
import { sampleKernel } from '../kernels/sample.ts';
import { sharedSampleKernel } from '../kernels/shared-sample.ts';
import { spectrumKernel } from '../kernels/spectrum.ts';
import { LEAF } from '../kernels/state.ts';
import { type UpdateSpec, updateKernel } from '../kernels/update.ts';
import { whitenKernel } from '../kernels/whiten.ts';
import { wholeSampleKernel } from '../kernels/whole-sample.ts';
import type { Objective } from '../objective/objective.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import { isAllotted, type Method } from './method.ts';
import { packs, type Variants } from './variants.ts';

export function momentsSpec(method: Method, dim: number, plan: SamplePlan) {
  const { covariance, estimator, sampling } = method;
  const sharedBatch = sampling !== 'own';
  // Rows that are counted out anew each iteration come in leaves of any size up to the largest.
  const leafSize = isAllotted(method) ? Math.min(plan.samples, LEAF) : Math.ceil(plan.samples / plan.leaves);
  // A leaf of a shared batch may hold next to nothing of a component: centring on its own mean would take that away.
  const centre = sharedBatch && estimator === 'stein' ? ('whole' as const) : ('leaf' as const);
  return { dim, covariance, estimator, sharedBatch, leafSize, centre, nodes: method.nodes };
}

export function kernelSources(
  method: Method,
  objective: Objective,
  plan: SamplePlan,
  capacity: number,
  variants: Variants,
): Record<string, KernelSource> {
  const { covariance, estimator } = method;
  const { dim } = objective.box;
  const derivatives = derivativesOf[estimator];
  const shared = method.sampling !== 'own';
  const boundary = objective.boundary;
  const text = objective.text;
  const proposal = method.sampling === 'own' ? undefined : method.sampling;
  const pointwise = derivatives === 'hessian' ? 'gradient' : derivatives;
  const { batch, weights } = method;
  // Own rows count 1 each: their number is their weight.
  const ownRows = batch?.ownRows ?? false;
  const byWeight = batch?.selfNormalised === true || ownRows;
  const moments = momentsSpec(method, dim, plan);
  const { size } = method.step;
  const own = size.kind === 'own' ? size : undefined;
  const spectral = size.kind === 'spectral' ? size : undefined;
  const grouped = { grouping: variants.grouping };
  const update: UpdateSpec = {
    dim,
    covariance,
    step: method.step.rule,
    meanBy: method.step.meanBy,
    size: own ? 'own' : spectral ? 'spectral' : 'common',
    ...(spectral && { decay: spectral.decay, together: spectral.together }),
    divisor: estimator === 'ranked' ? 'one' : shared ? (byWeight ? 'weight' : 'share') : 'count',
    centre: moments.centre,
    fitted: estimator === 'quadratic',
    meanFirst: method.step.meanFirst ?? 'at-once',
    leaves: plan.leaves,
  };
  const sources: Record<string, KernelSource> = {
    update: updateKernel(update),
    control: controlKernel({
      dim,
      temperature: method.temperature.kind === 'fixed' ? 'geometric' : method.temperature.kind,
      sharedBatch: shared,
      components: capacity,
      weighing:
        weights.kind !== 'reward'
          ? weights
          : {
              kind: 'reward',
              rule: weights.rule,
              selfNormalised: byWeight,
              size: weights.size.rule,
              componentSize: own?.rule ?? 'fixed',
            },
      allotted: isAllotted(method),
    }),
  };
  if (variants.moments === 'blocks')
    sources.moments = ownMomentsKernel({ dim, estimator: estimator as 'score' | 'stein' | 'ranked', sharedBatch: shared });
  if (variants.moments === 'components') sources.moments = componentMomentsKernel({ dim, estimator: estimator as 'score' | 'stein' });
  if (variants.moments === 'leaves') sources.moments = momentsKernel(moments);
  if (proposal) {
    sources.sample = sharedSampleKernel({ dim, covariance, derivatives: pointwise, boundary, proposal, objective: text });
    sources['log ratio'] = logRatioKernel({ dim, covariance, derivatives: pointwise, proposal, ownRows, ...grouped });
    if (variants.moments !== 'components') sources.reweigh = reweighKernel({ dim, covariance, derivatives: pointwise, ...grouped });
  } else if (variants.moments === 'whole') {
    sources.sample = wholeSampleKernel({ dim, boundary, objective: text, keepDraws: variants.keepDraws, ...grouped });
  } else {
    sources.sample = sampleKernel({ dim, covariance, derivatives, boundary, nodes: method.nodes, objective: text, ...grouped });
  }
  if (packs(method, variants)) sources.pack = packKernel({ dim });
  if (method.nodes === 'whitened') sources.whiten = whitenKernel({ dim, samples: plan.samples });
  if (spectral) sources.spectrum = spectrumKernel(update);
  if (estimator === 'quadratic') Object.assign(sources, regressKernels({ dim, covariance, sharedBatch: shared }));
  if (isAllotted(method) && proposal) {
    const remember = method.adapt !== undefined;
    const again = { again: true, remember, ownRows, ...grouped };
    sources['log ratio again'] = logRatioKernel({ dim, covariance, derivatives: 'value', proposal, ...again });
    const reuseFor = proposal === 'mixture' ? 'mixture' : 'component';
    sources.reward = rewardKernel({ dim, reuseFor });
    sources.adapt = adaptKernel({ dim, covariance, adaptive: method.adapt !== undefined, proposal: reuseFor, capacity });
    if (method.adapt) sources['past density'] = pastDensityKernel({ dim, covariance });
  }
  if (objective.kind !== 'wgsl') sources.draw = drawKernel({ dim, covariance, boundary, proposal, nodes: method.nodes });
  if (estimator === 'ranked') sources.rank = rankKernel({ dim, count: plan.samples });
  if (covariance === 'full') sources.factorise = factoriseKernel({ dim });
  return sources;
}
