/** Stage 8: components removed and added, then the rows of the next iteration allotted. One workgroup, after the control kernel. */
import adapt from '../../shaders/adapt.wgsl?raw';
import add from '../../shaders/lib/add.wgsl?raw';
import allot from '../../shaders/lib/allot.wgsl?raw';
import remove from '../../shaders/lib/remove.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorModules, shared } from './compose.ts';
import { pastModule } from './past.ts';
import { reduction } from './reduction.ts';
import { type Covariance, LEAF, reductionLanes } from './state.ts';

/** Differences of log q below its largest that additions go by, in turn (from the second). */
export const THRESHOLDS: readonly number[] = [5000, 1000, 500, 200, 100, 50];

/** Who draws an iteration's rows: each component its own, or the mixture. */
export type RowProposal = 'component' | 'mixture';

/** Enough to look through the store of past samples; few, for the sake of what the driver compiles. */
const ADAPT_LANES = 32;

export interface AdaptSpec {
  dim: number;
  covariance: Covariance;
  /** Components are removed and added; else rows are allotted only. */
  adaptive: boolean;
  proposal: RowProposal;
  /** Most components. */
  capacity: number;
  /** Defaults to THRESHOLDS. */
  thresholds?: readonly number[];
}

/** Entries of a component's history: those over which it must have stagnated, and a smoothing window. */
export const historyLength = (removeAfter: number): number => removeAfter + 2 * Math.max(Math.floor(removeAfter / 3), 1);

/** Floats of `ms_history`: (reward, share) pairs. Its contents at the start do not matter. */
export const historySize = (capacity: number, removeAfter: number): number => 2 * capacity * historyLength(removeAfter);

const changing = `fn ms_change(lane: u32, seen: ms_Seen) -> u32 {
  return ms_add(lane, ms_remove(lane, seen), seen);
}`;

const fixed = `fn ms_change(lane: u32, seen: ms_Seen) -> u32 {
  return seen.components;
}`;

const float = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const thresholdText = (list: readonly number[]): string => `const ms_THRESHOLD_COUNT: u32 = ${list.length}u;
const ms_THRESHOLDS = array<f32, ${list.length}>(${list.map(float).join(', ')});`;

/**
 * Writes `ms_control` and `ms_components`; where components change, `ms_factors` and `ms_history` too, and it reads `ms_past` and
 * `ms_past_density`.
 */
export function adaptKernel(spec: AdaptSpec): KernelSource {
  return compose({
    label: 'adapt',
    lanes: spec.adaptive ? ADAPT_LANES : reductionLanes(spec.capacity),
    constants: { DIM: spec.dim, ms_LEAF: LEAF, ms_MIXTURE: spec.proposal === 'mixture' },
    bindings: [
      ...declare('uniform', 'ms_params'),
      ...declare('write', 'ms_control', 'ms_components'),
      ...(spec.adaptive ? [...declare('write', 'ms_factors', 'ms_history'), ...declare('read', 'ms_past', 'ms_past_density')] : []),
    ],
    modules: [
      shared.numbers,
      shared.state,
      adapt,
      allot,
      ...(spec.adaptive
        ? [
            shared.philox,
            shared.normal,
            ...factorModules(spec.covariance, spec.dim),
            ...reduction(ADAPT_LANES),
            pastModule,
            remove,
            thresholdText(spec.thresholds ?? THRESHOLDS),
            add,
            changing,
          ]
        : [fixed]),
    ],
  });
}
