/** The store of past samples, from which components are added: its slots, and log q of its rows. */
import past from '../../shaders/lib/past.wgsl?raw';
import pastDensity from '../../shaders/past_density.wgsl?raw';
import { gridOf, type Workgroups } from '../gpu/pipelines.ts';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorModules, shared } from './compose.ts';
import { type Covariance, LANES } from './state.ts';

/** `ms_past_slot`, `ms_past_count`, `ms_adds_after`; reads `ms_params`. */
export const pastModule: string = past;

/** Floats of `ms_past`: a row is l, then x in search coordinates. `rows` is a power of two, larger than any iteration's rows. */
export const pastSize = (dim: number, rows: number): number => rows * (dim + 1);

/** Reads `ms_past`, `ms_components`, `ms_factors`; writes `ms_past_density`, a float a row. Does nothing unless adapt adds. */
export function pastDensityKernel(spec: { dim: number; covariance: Covariance }): KernelSource {
  return compose({
    label: 'past density',
    constants: { DIM: spec.dim },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params'),
      ...declare('read', 'ms_components', 'ms_factors', 'ms_past'),
      ...declare('write', 'ms_past_density'),
    ],
    modules: [shared.numbers, shared.state, ...factorModules(spec.covariance, spec.dim), past, pastDensity],
  });
}

export const pastWorkgroups = (rows: number): Workgroups => gridOf(Math.ceil(rows / LANES));
