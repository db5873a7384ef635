/** Stages 6 to 8: weights, temperature, counters, stop flag, trace. One workgroup. */
import control from '../../shaders/control.wgsl?raw';
import temperatureAdaptive from '../../shaders/lib/temperature_adaptive.wgsl?raw';
import temperatureGeometric from '../../shaders/lib/temperature_geometric.wgsl?raw';
import temperaturePower from '../../shaders/lib/temperature_power.wgsl?raw';
import weighRate from '../../shaders/lib/weigh_rate.wgsl?raw';
import { compose, type KernelSource, type Module } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';
import { weighing as rare } from './rare.ts';
import { reduction } from './reduction.ts';
import { REWARD_PART, reductionLanes, TRACE_ROWS } from './state.ts';

export type TemperatureRule = 'adaptive' | 'power' | 'geometric';

const rules: Record<TemperatureRule, string> = {
  adaptive: temperatureAdaptive,
  power: temperaturePower,
  geometric: temperatureGeometric,
};

/** How a size changes from one iteration to the next. */
export type SizeRule = 'fixed' | 'decaying' | 'improvement';
const sizeRules: Record<SizeRule, number> = { fixed: 0, decaying: 1, improvement: 2 };

/** Stage 6: at the components' own rates, clamped or exactly; at one rate for all on top of what was carried there; or by rewards, directly or within a trust region, with step sizes by their own rules. */
export type Weighing =
  | { readonly kind: 'rate' }
  | { readonly kind: 'exact' }
  | { readonly kind: 'carried' }
  | {
      readonly kind: 'reward';
      readonly rule: 'direct' | 'trust';
      readonly selfNormalised: boolean;
      readonly size: SizeRule;
      /** Of the components' step sizes, which follow from the rewards too. */
      readonly componentSize: SizeRule;
    };

const weighings: Record<Weighing['kind'], readonly Module[]> = {
  rate: [weighRate],
  exact: [rare('exact'), rare('floorExactly')],
  carried: [rare('carried'), rare('floorExactly')],
  reward: [rare('reward')],
};

export interface ControlSpec {
  dim: number;
  temperature: TemperatureRule;
  /** Every sample is counted by every component. */
  sharedBatch: boolean;
  components: number;
  weighing: Weighing;
  /** Another kernel allots the next iteration's samples. */
  allotted?: boolean;
}

/** Reads `ms_params` (and `ms_rewards`); writes `ms_control`, `ms_components` (log-weights) and `ms_trace`. */
export function controlKernel(spec: ControlSpec): KernelSource {
  const { weighing } = spec;
  const lanes = reductionLanes(spec.components);
  return compose({
    label: 'control',
    lanes,
    constants: {
      DIM: spec.dim,
      ms_TRACE_ROWS: TRACE_ROWS,
      ms_SHARED_BATCH: spec.sharedBatch,
      ms_ALLOTTED: spec.allotted ?? false,
      ...(weighing.kind === 'reward'
        ? {
            ms_REWARD_PART: REWARD_PART,
            ms_SELF_NORMALISED: weighing.selfNormalised,
            ms_WEIGHTS_TRUST: weighing.rule === 'trust',
            ms_WEIGHT_STEP_RULE: sizeRules[weighing.size],
            ms_STEP_RULE: sizeRules[weighing.componentSize],
          }
        : {}),
    },
    bindings: [
      ...declare('uniform', 'ms_params'),
      ...declare('write', 'ms_control', 'ms_components', 'ms_trace'),
      ...(weighing.kind === 'reward' ? declare('read', 'ms_rewards') : []),
    ],
    modules: [shared.numbers, shared.state, ...reduction(lanes), rules[spec.temperature], ...weighings[weighing.kind], control],
  });
}
