/** Ranks within segments by a bitonic sort, and the utilities they earn. */
import descendingKey from '../../shaders/lib/descending_key.wgsl?raw';
import rank from '../../shaders/rank.wgsl?raw';
import { gridOf } from '../gpu/pipelines.ts';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';
import { pack, type Values } from './state.ts';

/** `ms_SortStep` of shaders/rank.wgsl. */
const sortStepLayout = {
  local: 'u32',
  first_width: 'u32',
  last_width: 'u32',
  stride: 'u32',
  from_values: 'u32',
  to_utilities: 'u32',
  segments: 'u32',
  count: 'u32',
  padded: 'u32',
  grid_width: 'u32',
} as const;

/** The largest block sorted in workgroup memory: 8 KiB of it. */
const LARGEST_BLOCK = 1024;

const nextPower = (count: number): number => 2 ** Math.ceil(Math.log2(count));

/** Elements a workgroup sorts: no more than a segment has, since every lane pays at every barrier. */
const blockOf = (count: number): number => Math.min(LARGEST_BLOCK, Math.max(32, nextPower(count)));

/** Reads `ms_params` (the utilities' constants); writes `ms_order` and the utility in `ms_values`. */
function rankKernel(spec: { dim: number; count: number }): KernelSource {
  const block = blockOf(spec.count);
  return compose({
    label: 'rank',
    lanes: Math.min(64, block / 2),
    constants: { DIM: spec.dim, ms_BLOCK: block },
    bindings: [...declare('uniform', 'ms_control', 'ms_params', 'ms_step'), ...declare('write', 'ms_values', 'ms_order')],
    modules: [shared.numbers, shared.state, descendingKey, rank],
  });
}

export const rankKernels = (spec: { dim: number; count: number }): Record<string, KernelSource> => ({ rank: rankKernel(spec) });

/** Elements of the sort buffer a segment. */
const paddedCount = (count: number): number => Math.max(blockOf(count), nextPower(count));

/** Words of `ms_order`: a key and an index an element. */
export const rankWords = (segments: number, count: number): number => 2 * segments * paddedCount(count);

/** One dispatch of those that rank: a kernel, the contents of its `ms_step`, and how many workgroups. */
export interface RankDispatch {
  kernel: string;
  step: Uint32Array<ArrayBuffer>;
  workgroups: number;
}

/** The dispatches of the sorting network, in order: one while a segment fits a block. @param limit workgroups a dimension, for tests */
export function rankDispatches(segments: number, count: number, limit?: number): RankDispatch[] {
  const block = blockOf(count);
  const padded = paddedCount(count);
  const workgroups = segments * (padded / block);
  const common = { segments, count, padded, grid_width: gridOf(workgroups, limit).x, from_values: 0, to_utilities: 0, stride: 0 };
  const steps: Values<typeof sortStepLayout>[] = [{ ...common, local: 1, first_width: 2, last_width: block }];
  for (let width = 2 * block; width <= padded; width *= 2) {
    for (let stride = width / 2; stride >= block; stride /= 2) {
      steps.push({ ...common, local: 0, first_width: width, last_width: width, stride });
    }
    steps.push({ ...common, local: 1, first_width: width, last_width: width });
  }
  steps[0] = { ...steps[0]!, from_values: 1 };
  steps[steps.length - 1] = { ...steps[steps.length - 1]!, to_utilities: 1 };
  return steps.map((step) => ({ kernel: 'rank', step: pack(sortStepLayout, step), workgroups }));
}
