/** Ranks within segments by a bitonic sort, and the utilities they earn. */
import rank from '../../shaders/rank.wgsl?raw';
import { gridOf } from '../gpu/pipelines.ts';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';
import type { SortStepValues } from './state.ts';

const BLOCK = 1024;

/** Reads `ms_params` (the utilities' constants); writes `ms_order` and the utility in `ms_values`. */
export function rankKernel(spec: { dim: number }): KernelSource {
  return compose({
    label: 'rank',
    constants: { DIM: spec.dim },
    bindings: [...declare('uniform', 'ms_control', 'ms_params', 'ms_step'), ...declare('write', 'ms_values', 'ms_order')],
    modules: [shared.numbers, shared.state, rank],
  });
}

/** Elements of the sort buffer a segment. */
export const paddedCount = (count: number): number => Math.max(BLOCK, 2 ** Math.ceil(Math.log2(count)));

/** The dispatches of the sorting network, and the workgroups each takes. One dispatch while a segment fits a block. */
export function rankSteps(segments: number, count: number): { steps: SortStepValues[]; workgroups: number } {
  const padded = paddedCount(count);
  const workgroups = segments * (padded / BLOCK);
  const common = { segments, count, padded, grid_width: gridOf(workgroups).x, from_values: 0, to_utilities: 0, stride: 0 };
  const steps: SortStepValues[] = [{ ...common, local: 1, first_width: 2, last_width: BLOCK }];
  for (let width = 2 * BLOCK; width <= padded; width *= 2) {
    for (let stride = width / 2; stride >= BLOCK; stride /= 2) {
      steps.push({ ...common, local: 0, first_width: width, last_width: width, stride });
    }
    steps.push({ ...common, local: 1, first_width: width, last_width: width });
  }
  steps[0] = { ...steps[0]!, from_values: 1 };
  steps[steps.length - 1] = { ...steps[steps.length - 1]!, to_utilities: 1 };
  return { steps, workgroups };
}
