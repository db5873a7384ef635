/** Which kernels a method needs on an objective. */
import type { KernelSource } from '../gpu/wgsl.ts';
import { controlKernel } from '../kernels/control.ts';
import { derivativesOf } from '../kernels/estimator.ts';
import { ownMomentsKernel } from '../kernels/own-moments.ts';
import { packKernel } from '../kernels/pack.ts';
import { sampleKernel } from '../kernels/sample.ts';
import { LEAF } from '../kernels/state.ts';
import { type UpdateSpec, updateKernel } from '../kernels/update.ts';
import { wholeSampleKernel } from '../kernels/whole-sample.ts';
import type { Objective } from '../objective/objective.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import type { LoadedKernels } from './load-kernels.ts';
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
  { moments: leaves, components, rank, regress, shared: sharedBatch, allotted, whiten, spectrum, draw, tiles }: LoadedKernels,
): Record<string, KernelSource> {
  const { covariance, estimator } = method;
  const { dim } = objective.box;
  const derivatives = derivativesOf[estimator];
  const shared = method.sampling !== 'own';
  const boundary = objective.boundary;
  const text = objective.text;
  const proposal = method.sampling === 'own' ? undefined : method.sampling;
  const { batch, weights } = method;
  // Own rows count 1 each: their number is their weight.
  const byWeight = batch?.selfNormalised === true || batch?.ownRows === true;
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
  if (components)
    sources.moments = components.componentMomentsKernel({ dim, estimator: estimator as 'score' | 'stein', quads: variants.quads });
  if (leaves) sources.moments = leaves.momentsKernel(moments);
  if (sharedBatch) {
    Object.assign(sources, sharedBatch.sharedSources(method, objective, plan, variants));
  } else if (variants.moments === 'whole') {
    sources.sample = wholeSampleKernel({ dim, boundary, objective: text, keepDraws: variants.keepDraws, ...grouped });
  } else {
    const placed = tiles !== undefined;
    sources.sample = sampleKernel({ dim, covariance, derivatives, boundary, nodes: method.nodes, objective: text, placed, ...grouped });
    if (tiles) sources.density = tiles.densityTilesKernel({ dim });
  }
  if (packs(method, variants)) sources.pack = packKernel({ dim });
  if (whiten) sources.whiten = whiten.whitenKernel({ dim, samples: plan.samples });
  if (spectrum) sources.spectrum = spectrum.spectrumKernel(update);
  if (regress) Object.assign(sources, regress.regressKernels({ dim, covariance, sharedBatch: shared }));
  if (allotted) Object.assign(sources, allotted.allottedSources(method, dim, capacity, variants));
  if (draw)
    sources.draw = draw.drawKernel({
      dim,
      covariance,
      boundary,
      proposal,
      together: sharedBatch?.comeTogether(method, plan),
      nodes: method.nodes,
    });
  if (rank) Object.assign(sources, rank.rankKernels({ dim, count: plan.samples }));
  return sources;
}
