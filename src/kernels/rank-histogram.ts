/**
 * Ranks within segments by a histogram that is refined where it is crowded, and the mean utilities of the ranks that samples of a bin share.
 * A bin with more than 1/256 of a segment's samples holds equal values only: ranks are off by less than that share of the samples, those of
 * equal values by nothing but their order, and the sum of all utilities is that of exact ranks.
 */
import descendingKey from '../../shaders/lib/descending_key.wgsl?raw';
import rankBins from '../../shaders/lib/rank_bins.wgsl?raw';
import rankCount from '../../shaders/rank_count.wgsl?raw';
import rankSplit from '../../shaders/rank_split.wgsl?raw';
import { gridOf } from '../gpu/pipelines.ts';
import { type Binding, compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';
import type { RankDispatch } from './rank.ts';
import { LANES, pack, RANK_WORDS } from './state.ts';

/** Nodes a level, at most; see shaders/lib/rank_bins.wgsl. */
export const RANK_NODES = 256;
export const RANK_BITS = [12, 7, 7, 6] as const;
const LEVELS = RANK_BITS.length;

/** `ms_RankStep` of shaders/lib/rank_bins.wgsl. */
const rankStepLayout = {
  task: 'u32',
  level: 'u32',
  segments: 'u32',
  count: 'u32',
  grid_width: 'u32',
  spare0: 'u32',
  spare1: 'u32',
  spare2: 'u32',
} as const;

const rankStep: Binding = { name: 'ms_step', kind: 'uniform', type: 'ms_RankStep' };
const bins: Binding = { name: 'ms_order', kind: 'write', type: 'array<atomic<u32>>' };
const common = [shared.numbers, shared.state, rankBins];

/** Reads f in `ms_values`; counts in `ms_order`, or writes the utility in `ms_values`. */
const countKernel = ({ dim }: { dim: number }): KernelSource =>
  compose({
    label: 'rank count',
    lanes: LANES,
    constants: { DIM: dim },
    bindings: [...declare('uniform', 'ms_control'), rankStep, ...declare('write', 'ms_values'), bins],
    modules: [...common, descendingKey, rankCount],
  });

/** Reads `ms_params` (the utilities' constants); counts in `ms_order` become nodes and utilities. */
const splitKernel = ({ dim }: { dim: number }): KernelSource =>
  compose({
    label: 'rank split',
    lanes: RANK_NODES,
    constants: { DIM: dim },
    bindings: [...declare('uniform', 'ms_control', 'ms_params'), rankStep, bins],
    modules: [...common, rankSplit],
  });

export const rankKernels = ({ dim }: { dim: number }): Record<string, KernelSource> => ({
  'rank count': countKernel({ dim }),
  'rank split': splitKernel({ dim }),
});

/** Words of `ms_order`. */
export const rankWords = (segments: number): number => segments * RANK_WORDS;

/** In order. @param limit workgroups a dimension, for tests */
export function rankDispatches(segments: number, count: number, limit?: number): RankDispatch[] {
  const samples = Math.ceil((segments * count) / LANES);
  const dispatch = (kernel: 'rank count' | 'rank split', level: number, task = 0): RankDispatch => {
    const workgroups = kernel === 'rank count' ? samples : segments;
    const grid_width = gridOf(workgroups, limit).x;
    const step = pack(rankStepLayout, { task, level, segments, count, grid_width, spare0: 0, spare1: 0, spare2: 0 });
    return { kernel, step, workgroups };
  };
  const levels = Array.from({ length: LEVELS }, (_, level) => [dispatch('rank count', level), dispatch('rank split', level)]);
  return [dispatch('rank split', 0, 1), ...levels.flat(), dispatch('rank count', LEVELS)];
}
