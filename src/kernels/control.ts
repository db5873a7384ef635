/** Stages 6 to 8: weights, temperature, counters, stop flag, trace. One workgroup. */
import control from '../../shaders/control.wgsl?raw';
import reduce from '../../shaders/lib/reduce.wgsl?raw';
import temperatureAdaptive from '../../shaders/lib/temperature_adaptive.wgsl?raw';
import temperatureGeometric from '../../shaders/lib/temperature_geometric.wgsl?raw';
import temperaturePower from '../../shaders/lib/temperature_power.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';
import { reductionLanes, TRACE_ROWS } from './state.ts';

export type TemperatureRule = 'adaptive' | 'power' | 'geometric';

const rules: Record<TemperatureRule, string> = {
  adaptive: temperatureAdaptive,
  power: temperaturePower,
  geometric: temperatureGeometric,
};

export interface ControlSpec {
  dim: number;
  temperature: TemperatureRule;
  /** Every sample is counted by every component. */
  sharedBatch: boolean;
  components: number;
}

/** Reads `ms_params`; writes `ms_control`, `ms_components` (log-weights) and `ms_trace`. */
export function controlKernel(spec: ControlSpec): KernelSource {
  return compose({
    label: 'control',
    lanes: reductionLanes(spec.components),
    constants: { DIM: spec.dim, ms_TRACE_ROWS: TRACE_ROWS, ms_SHARED_BATCH: spec.sharedBatch },
    bindings: [...declare('uniform', 'ms_params'), ...declare('write', 'ms_control', 'ms_components', 'ms_trace')],
    modules: [shared.numbers, shared.state, reduce, rules[spec.temperature], control],
  });
}
