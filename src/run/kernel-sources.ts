/** Which kernels a method needs on an objective: the one place that chooses their variants. */
import type { KernelSource } from '../gpu/wgsl.ts';
import { controlKernel } from '../kernels/control.ts';
import { drawKernel } from '../kernels/draw.ts';
import { factoriseKernel } from '../kernels/factorise.ts';
import { derivativesOf, momentsKernel } from '../kernels/moments.ts';
import { rankKernel } from '../kernels/rank.ts';
import { reweighKernel } from '../kernels/reweigh.ts';
import { sampleKernel } from '../kernels/sample.ts';
import { sharedSampleKernel } from '../kernels/shared-sample.ts';
import { type UpdateSpec, updateKernel } from '../kernels/update.ts';
import type { Objective } from '../objective/objective.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import type { Method } from './method.ts';

export function kernelSources(method: Method, objective: Objective, plan: SamplePlan, components: number): Record<string, KernelSource> {
  const { covariance, estimator } = method;
  const { dim } = objective.box;
  const derivatives = derivativesOf[estimator];
  const shared = method.sampling !== 'own';
  const boundary = objective.boundary;
  const text = objective.text;
  const proposal = method.sampling === 'own' ? undefined : method.sampling;
  const pointwise = derivatives === 'hessian' ? 'gradient' : derivatives;
  const updateSpec: UpdateSpec = {
    dim,
    covariance,
    step: method.step.rule,
    meanBy: method.step.meanBy,
    divisor: estimator === 'ranked' ? 'one' : 'count',
    leaves: plan.leaves,
  };
  const sources: Record<string, KernelSource> = {
    sample: proposal
      ? sharedSampleKernel({ dim, covariance, derivatives: pointwise, boundary, proposal, objective: text })
      : sampleKernel({ dim, covariance, derivatives, boundary, objective: text }),
    moments: momentsKernel({ dim, covariance, estimator, sharedBatch: shared, leafSize: Math.ceil(plan.samples / plan.leaves) }),
    update: updateKernel(updateSpec),
    control: controlKernel({
      dim,
      temperature: method.temperature.kind === 'fixed' ? 'geometric' : method.temperature.kind,
      sharedBatch: shared,
      components,
    }),
  };
  if (proposal) sources.reweigh = reweighKernel({ dim, covariance, derivatives: pointwise });
  if (objective.kind !== 'wgsl') sources.draw = drawKernel({ dim, covariance, boundary, proposal });
  if (estimator === 'ranked') sources.rank = rankKernel({ dim, count: plan.samples });
  if (covariance === 'full') sources.factorise = factoriseKernel({ dim });
  return sources;
}
