/** Kernels, and the parts of a run about them, that only some methods have: files that are loaded when a method asks for them. */
import type { Objective } from '../objective/objective.ts';
import { isAllotted, type Method } from './method.ts';
import type { Variants } from './variants.ts';

const when = async <T>(needed: boolean, load: () => Promise<T>): Promise<T | undefined> => (needed ? load() : undefined);

export async function loadKernels(method: Method, objective: Objective, variants: Variants) {
  const { estimator, sampling, nodes, step } = method;
  const [moments, components, rank, regress, shared, allotted, whiten, spectrum, draw, tiles] = await Promise.all([
    when(variants.moments === 'leaves', () => import('../kernels/moments.ts')),
    when(variants.moments === 'components', () => import('../kernels/component-moments.ts')),
    when(estimator === 'ranked', () => (variants.ranks === 'sort' ? import('../kernels/rank.ts') : import('../kernels/rank-histogram.ts'))),
    when(estimator === 'quadratic', () => import('../kernels/regress.ts')),
    when(sampling !== 'own', () => import('./shared-batch.ts')),
    when(isAllotted(method), () => import('./allotted.ts')),
    when(nodes === 'whitened', () => import('../kernels/whiten.ts')),
    when(step.size.kind === 'spectral', () => import('../kernels/spectrum.ts')),
    when(objective.kind !== 'wgsl', () => import('../kernels/draw.ts')),
    when(variants.density === 'tiles', () => import('../kernels/density-tiles.ts')),
  ]);
  return { moments, components, rank, regress, shared, allotted, whiten, spectrum, draw, tiles };
}

/** Each undefined where the method has no use for it. */
export type LoadedKernels = Awaited<ReturnType<typeof loadKernels>>;
