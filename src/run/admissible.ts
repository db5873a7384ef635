/** The kernel variants that a run on a device can choose from. */
import { packedVectors, UNIFORM_VECTORS } from '../kernels/compose.ts';
import { derivativesOf } from '../kernels/estimator.ts';
import type { Objective } from '../objective/objective.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import { kernelSources } from './kernel-sources.ts';
import { loadKernels } from './load-kernels.ts';
import type { Method } from './method.ts';
import { byComponents, fitsVariables, inBlocks, inWhole, isAlone, mayReadByQuads, packs, type Variants } from './variants.ts';

/** What variants are variants of. */
export interface Work {
  method: Method;
  objective: Objective;
  plan: SamplePlan;
  capacity: number;
}

/** Limits that variants differ in. */
export const variantLimits = [
  'maxStorageBuffersPerShaderStage',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxUniformBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const;

export type VariantLimits = Pick<GPUSupportedLimits, (typeof variantLimits)[number]>;

/**
 * What else there is, one thing changed at a time: for each thing that variants differ in, the variants that differ from `from` in nothing
 * else. They may be more than the device takes.
 */
export function alternatives(work: Work): ((from: Variants) => Variants[])[] {
  const { method, objective } = work;
  const { dim } = objective.box;
  const groupings: Variants['grouping'][] = [{ size: 1, memory: 'storage' }];
  if (!isAlone(method)) {
    for (const size of fitsVariables(4, dim) ? ([4, 8] as const) : ([2] as const)) {
      if (!fitsVariables(size, dim)) continue;
      for (const memory of ['uniform', 'storage'] as const) groupings.push({ size, memory }, { size, memory, quads: true });
    }
  }
  const moments: Pick<Variants, 'moments' | 'quads'>[] = [{ moments: 'leaves', quads: false }];
  if (inBlocks(method)) moments.unshift({ moments: 'blocks', quads: false });
  if (byComponents(method, dim)) for (const quads of [false, true]) moments.unshift({ moments: 'components', quads });
  if (inWhole(method, objective)) moments.unshift({ moments: 'whole', quads: false });
  const axes = [
    (from: Variants) => groupings.map((grouping) => ({ ...from, grouping, reweigh: readFrom(grouping.memory, from.reweigh) })),
    (from: Variants) => moments.map((kind) => ({ ...from, ...kind })),
  ];
  if (inTiles(work)) axes.push((from: Variants) => (['samples', 'tiles'] as const).map((density) => ({ ...from, density })));
  if (method.sampling !== 'own')
    axes.push((from: Variants) =>
      from.moments === 'components' ? [from] : groupings.filter(({ quads }) => !quads).map((reweigh) => ({ ...from, reweigh })),
    );
  return axes;
}

const readFrom = (memory: 'uniform' | 'storage', grouping: Variants['reweigh']): Variants['reweigh'] =>
  grouping.size > 1 ? { ...grouping, memory } : grouping;

/** Dimensions beyond which a product of matrices may be faster than a solve a sample (performance.md section 7). */
const TILED_FROM = 48;

const inTiles = ({ method, objective }: Work): boolean =>
  method.sampling === 'own' &&
  method.covariance === 'full' &&
  !isAlone(method) &&
  derivativesOf[method.estimator] === 'value' &&
  objective.box.dim > TILED_FROM;

/** The plainest with the same ranks: what others must agree with. */
export const plainest = ({ method }: Work, rule: Variants): Variants => ({
  ...rule,
  moments: inBlocks(method) ? 'blocks' : 'leaves',
  quads: false,
  grouping: { size: 1, memory: 'storage' },
  reweigh: { size: 1, memory: 'storage' },
});

/** Whether a device with these limits takes them. `quads`: neighbouring invocations should read for each other on it. */
export async function isAdmissible(work: Work, variants: Variants, limits: VariantLimits, quads: boolean): Promise<boolean> {
  const { method, objective, plan, capacity } = work;
  const { grouping, reweigh } = variants;
  if (variants.moments === 'whole' && grouping.size === 1) return false;
  if (grouping.quads && !mayReadByQuads(method, variants.moments)) return false;
  if (variants.density === 'tiles' && !inTiles(work)) return false;
  const grouped = [grouping, ...(method.sampling === 'own' ? [] : [reweigh])].filter(({ size }) => size > 1);
  if (method.covariance === 'full') {
    // The packed parameters lie in one buffer, which is one kind or the other.
    const memories = new Set(grouped.map(({ memory }) => memory));
    const packed = packs(method, variants);
    if (memories.size > 1 || (grouped.length > 0 && !packed)) return false;
    const vectors = capacity * packedVectors(objective.box.dim);
    if (memories.has('uniform') && (vectors > UNIFORM_VECTORS || 16 * UNIFORM_VECTORS > limits.maxUniformBufferBindingSize)) return false;
    if (packed && 16 * vectors > Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize)) return false;
  } else if (grouped.some(({ memory }) => memory === 'storage')) return false; // nothing is packed: the same kernels again
  const kernels = await loadKernels(method, objective, variants);
  let sources: ReturnType<typeof kernelSources>;
  try {
    sources = kernelSources(method, objective, plan, capacity, variants, kernels);
  } catch (error) {
    // More storage buffers than every device has.
    if (error instanceof RangeError) return false;
    throw error;
  }
  return Object.values(sources).every(
    ({ bindings, lanes, workgroupBytes = 0, subgroups = false }) =>
      (!subgroups || quads) &&
      bindings.filter(({ kind }) => kind !== 'uniform').length <= limits.maxStorageBuffersPerShaderStage &&
      lanes <= Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX) &&
      workgroupBytes <= limits.maxComputeWorkgroupStorageSize,
  );
}
