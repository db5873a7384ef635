/** What a session drives and views draw: the engine of a method, with its mixture in buffers. No DOM. */
import type { Gpu } from '../../src/gpu/device.ts';
import type { Snapshot } from '../../src/index.ts';
import type { ControlValues } from '../../src/kernels/state.ts';
import type { Placing, Samples } from './samples.ts';

/** The state as read back: control block, records and factors of the components. */
export interface ReadState {
  control: ControlValues;
  components: Float32Array<ArrayBuffer>;
  factors: Float32Array<ArrayBuffer>;
}

export interface Run {
  readonly gpu: Gpu;
  readonly dim: number;
  /** Of the mixture: `ms_components`, `ms_factors` (full covariances) and the control block. */
  readonly buffers: { readonly components: GPUBuffer; readonly factors: GPUBuffer; readonly control: GPUBuffer; readonly trace: GPUBuffer };
  /** Undefined where an iteration's samples are not all there at once. */
  readonly samples: Samples | undefined;
  /** From coordinates of the means to those that are -1 and 1 at the ends of the box. */
  readonly placing: Placing;
  /** Components there are before the first iteration. */
  readonly components: number;
  readonly first: Snapshot;
  /** Encodes whole iterations. */
  encode(encoder: GPUCommandEncoder, iterations: number): void;
  observe(control: ControlValues): void;
  snapshotOf(state: ReadState): Snapshot;
  /** All components see the same samples, and the trace's value is weighted by their weights rather than a plain mean. */
  readonly shared: boolean;
  /** In the user's own sign. */
  readonly sense: 1 | -1;
  dispose(): void;
}
