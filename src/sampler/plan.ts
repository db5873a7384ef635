/**
 * How an iteration's samples are laid out: each component's samples in reduction leaves of a fixed rule, and the leaves in chunks
 * that fit the buffers. Chunks never change a result: a leaf is summed whole, by one workgroup, wherever its chunk begins.
 */
import { LimitError } from '../gpu/errors.ts';
import { LEAF } from '../kernels/state.ts';

/** Where an iteration's samples come from. `own`: each component draws its own; else one batch shared by all. */
export type Sampling = 'own' | 'mixture' | 'flat' | 'stratified' | 'component';

/** A rectangle of components x leaves, as `ms_Chunk` has it. */
export interface Chunk {
  firstComponent: number;
  componentCount: number;
  firstLeaf: number;
  leafCount: number;
  firstSample: number;
  sampleCount: number;
}

export interface SamplePlan {
  /** Samples each component's moments run over. */
  samples: number;
  leaves: number;
  /** Objective evaluations an iteration. */
  evaluations: number;
  /** Batches of a shared batch; for own samples, the chunks themselves one by one. */
  batches: { draw: Chunk; chunks: Chunk[] }[];
  /** Samples (or component-sample pairs) the largest chunk holds, and the largest batch. */
  chunkSize: number;
  batchSize: number;
  /** Past samples kept as places for new components; 0 for none. */
  pastRows: number;
}

export const MAX_LEAVES = 1024;
/** Samples of a leaf that one invocation sums by itself, at most, where there are leaves enough. */
export const ALONE_LEAF = 128;
/** Floats the partial sums of all leaves may take: a fixed number, so that leaves do not depend on the device. */
const PART_FLOATS = 2 ** 24;
/** An iteration. */
export const MAX_SAMPLES = 2 ** 22;

/** From so many samples on, rows of a structure of arrays are spaced. */
const SPACED_FROM = 1024;
const LINE = 16;

/**
 * Distance between rows of a structure of arrays: an odd number of cache lines, since rows a power of two apart fall on the same few lines
 * of a cache (measured: four times the moments' time at d = 10, 2^17 samples).
 */
export const spaced = (samples: number): number => (samples < SPACED_FROM ? samples : LINE * (Math.ceil(samples / LINE) | 1));

/** Samples of `perSample` numbers each that a binding of `largest` numbers holds, rows spaced. */
export function roomFor(perSample: number, largest: number): number {
  const samples = Math.floor(largest / perSample);
  return samples < SPACED_FROM ? samples : Math.max(SPACED_FROM - 1, samples - 2 * LINE);
}

function leafStart(leaf: number, samples: number, leaves: number): number {
  return leaf * Math.floor(samples / leaves) + Math.min(leaf, samples % leaves);
}

/**
 * @param perSample floats a sample takes in the widest of the chunk's buffers
 * @param largest floats one binding holds
 * @throws LimitError past 2^22 samples an iteration, or where a single leaf does not fit.
 */
export function planSamples(shape: {
  components: number;
  /** Per component; a shared batch has `components * samplesPerComponent`. */
  samplesPerComponent: number;
  sampling: Sampling;
  partSize: number;
  perSample: number;
  largest: number;
  /** A component's samples are not to be parted: one leaf. */
  whole?: boolean;
  /** A leaf is summed by invocations that each see all of it, rather than by a workgroup. */
  alone?: boolean;
}): SamplePlan {
  const { components, samplesPerComponent, sampling, partSize, perSample, largest, whole, alone } = shape;
  const evaluations = components * samplesPerComponent;
  if (evaluations > MAX_SAMPLES) {
    const fits = Math.floor(MAX_SAMPLES / components);
    throw new LimitError(
      `${components} components with ${samplesPerComponent} samples each are ${evaluations} samples an iteration; the most is ${MAX_SAMPLES} (2^22). Use at most ${fits} samples a component.`,
      'samples per iteration',
      evaluations,
      MAX_SAMPLES,
      fits,
    );
  }
  const shared = sampling !== 'own';
  const samples = shared ? evaluations : samplesPerComponent;
  const byMemory = Math.max(1, Math.floor(PART_FLOATS / (components * partSize)));
  const leaves = whole ? 1 : Math.min(Math.ceil(samples / (alone && !shared ? ALONE_LEAF : LEAF)), MAX_LEAVES, byMemory);
  const leafSize = Math.ceil(samples / leaves);
  // Rows of a shared batch have a weight for every component.
  const fits = roomFor(shared ? Math.max(perSample, components) : perSample, largest);
  if (leafSize > fits) {
    throw new LimitError(
      `${samples} samples in ${leaves} reduction leaves need room for ${leafSize} at a time; this device's bindings hold ${fits}. Use fewer samples or components.`,
      'maxStorageBufferBindingSize',
      leafSize,
      fits,
      fits * leaves,
    );
  }

  const batches: SamplePlan['batches'] = [];
  let chunkSize = 0;
  let batchSize = 0;
  for (const [firstLeaf, leafCount] of runs(leaves, Math.max(1, Math.floor(fits / leafSize)))) {
    const firstSample = leafStart(firstLeaf, samples, leaves);
    const sampleCount = leafStart(firstLeaf + leafCount, samples, leaves) - firstSample;
    const chunks = runs(components, Math.max(1, Math.floor(roomFor(perSample, largest) / sampleCount))).map(
      ([firstComponent, componentCount]): Chunk => ({ firstComponent, componentCount, firstLeaf, leafCount, firstSample, sampleCount }),
    );
    for (const chunk of chunks) chunkSize = Math.max(chunkSize, chunk.componentCount * sampleCount);
    batchSize = Math.max(batchSize, sampleCount);
    if (shared) batches.push({ draw: { firstComponent: 0, componentCount: 1, firstLeaf, leafCount, firstSample, sampleCount }, chunks });
    else for (const chunk of chunks) batches.push({ draw: chunk, chunks: [chunk] });
  }
  return { samples, leaves, evaluations, batches, chunkSize, batchSize, pastRows: 0 };
}

/** `total` things in consecutive runs of at most `size`: [first, count]. */
export function runs(total: number, size: number): [number, number][] {
  const result: [number, number][] = [];
  for (let first = 0; first < total; first += size) result.push([first, Math.min(size, total - first)]);
  return result;
}
