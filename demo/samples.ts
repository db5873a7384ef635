/** Where the samples of the last iteration lie on the GPU: the one place that knows how the engine keeps them. */
import type { Engine } from '../src/run/engine.ts';
import { spaced } from '../src/sampler/plan.ts';

export interface Samples {
  /** Whitened draws: coordinate i of draw s of component k at `i * stride + k * perComponent + s`. */
  readonly draws: GPUBuffer;
  readonly stride: number;
  readonly perComponent: number;
  readonly components: number;
}

/** Undefined where the engine does not hold all of an iteration's samples at once. */
export function samplesOf(engine: Engine): Samples | undefined {
  const { plan, components } = engine;
  const draws: GPUBuffer | undefined = engine.buffer('ms_eps');
  if (!draws || plan.batches.length !== 1) return undefined;
  return { draws, stride: spaced(plan.chunkSize), perComponent: plan.samples, components };
}
