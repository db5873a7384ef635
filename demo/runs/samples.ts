/** Where the samples of the last iteration lie on the GPU: the one place that knows how engines keep them. */
import type { Engine } from '../../src/run/engine.ts';
import { isAllotted } from '../../src/run/method.ts';
import { spaced } from '../../src/sampler/plan.ts';

/** A change of coordinates, axis by axis. */
export interface Placing {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

export interface Samples {
  /**
   * `whitened`: coordinate i of draw s of component k at `i * stride + k * perComponent + s`, to be placed by the component's factor.
   * `rows`: coordinate i of a row at `i * stride + row`, in a ring of `perComponent` rows; a component's record says which it drew, and
   * `origins` who drew them. `members`: coordinate i of member s of component k at `(k * perComponent + s) * stride + i`, in the user's
   * units.
   */
  readonly kind: 'whitened' | 'rows' | 'members';
  readonly buffer: GPUBuffer;
  readonly stride: number;
  readonly perComponent: number;
  /** Of `rows`: four floats a row, the last being the id of the component that drew it. */
  readonly origins?: GPUBuffer;
  /** Of `members`, from the user's units to coordinates of the means. */
  readonly placing?: Placing;
  /** That a component draws at most, and whether all come from the mixture as a whole. */
  readonly most: number;
  readonly shared: boolean;
}

export function samplesOf(engine: Engine): Samples | undefined {
  const { plan, method, samples } = engine;
  if (plan.batches.length !== 1) return undefined;
  if (method.sampling === 'own') {
    const buffer: GPUBuffer | undefined = engine.buffer('ms_eps');
    if (!buffer) return undefined;
    return { kind: 'whitened', buffer, stride: spaced(plan.chunkSize), perComponent: plan.samples, most: plan.samples, shared: false };
  }
  const points = engine.named.ms_points;
  if (!isAllotted(method) || !points) return undefined;
  return {
    kind: 'rows',
    buffer: points,
    stride: spaced(plan.batchSize),
    perComponent: plan.samples,
    origins: engine.buffer('ms_values'),
    most: samples,
    shared: method.sampling === 'mixture',
  };
}
