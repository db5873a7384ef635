/**
 * What an iteration moves and computes, counted from the design: bytes that each kernel reads and writes per particle, and the flops of
 * performance.md section 9. A number is counted once for every kernel that touches it, and once for every component where a kernel runs
 * over pairs of component and sample; what a workgroup reads again comes out of a cache. Parameters of the mixture are not counted:
 * they stay in a cache.
 */
import { MAX_COMPONENT_DIM } from '../src/kernels/estimator.ts';
import { LEAF, pairs, partSize } from '../src/kernels/state.ts';
import { MAX_WHOLE_DIM } from '../src/kernels/whole-sample.ts';
import { HISTOGRAM_FROM } from '../src/run/variants.ts';
import { ALONE_LEAF, MAX_LEAVES } from '../src/sampler/plan.ts';
import { isShared, type MethodName, type Shape } from './iteration-shapes.ts';

export interface KernelBytes {
  kernel: string;
  read: number;
  written: number;
}

/**
 * How the moments of own samples come about: `separate`: a kernel of their own reads what the sample kernel wrote; `fused`: the sample
 * kernel keeps them in registers, and only their partial sums are written.
 */
export type MomentsVariant = 'separate' | 'fused';

/** The variant that the engine takes. */
export const momentsVariant = (method: MethodName, { d }: Shape): MomentsVariant =>
  method === 'nva-score' && d <= MAX_WHOLE_DIM ? 'fused' : 'separate';

/** Samples of a leaf. */
const leafOf = (method: MethodName, { k, n }: Shape): number => (isShared(method) ? LEAF : Math.max(ALONE_LEAF, n / k / MAX_LEAVES));

/** l, f, log q and one more number of a sample. */
const VALUE = 16;

/** Bytes per particle by kernel; see {@link totalBytes}. */
export function iterationBytes(
  method: MethodName,
  shape: Shape,
  variant: MomentsVariant = momentsVariant(method, shape),
  leafSamples = leafOf(method, shape),
): KernelBytes[] {
  return isShared(method) ? sharedBytes(method, shape, leafSamples) : ownBytes(method, shape, variant, leafSamples);
}

function ownBytes(method: MethodName, shape: Shape, variant: MomentsVariant, leafSamples: number): KernelBytes[] {
  const row = 4 * shape.d;
  const slopes = method === 'nva-stein' ? row : 0;
  const parts = partBytes(shape, 1, leafSamples);
  const update: KernelBytes = { kernel: 'update', read: parts, written: 0 };
  if (variant === 'fused') return [{ kernel: 'sample', read: 0, written: parts }, update];
  return [
    { kernel: 'sample', read: 0, written: row + slopes + VALUE },
    ...(method === 'nva-ranked' ? [rankBytes(shape)] : []),
    { kernel: 'moments', read: row + slopes + VALUE, written: parts },
    update,
  ];
}

function sharedBytes(method: MethodName, shape: Shape, leafSamples: number): KernelBytes[] {
  const { d, k } = shape;
  const row = 4 * d;
  const slopes = method === 'gmmvi-semtron' ? row : 0;
  const parts = partBytes(shape, k, leafSamples);
  // A log density for every pair, which is read again and replaced by a weight.
  const weighing = { read: 4 * k, written: 8 * k };
  const kernels: KernelBytes[] = [
    { kernel: 'sample', read: 0, written: row + slopes + VALUE },
    { kernel: 'log ratio', read: row + slopes + VALUE + weighing.read, written: slopes + 8 + weighing.written },
    // Whitened draws and slopes for every pair, where the moments do not whiten by themselves.
    ...(d <= MAX_COMPONENT_DIM[slopes > 0 ? 'stein' : 'score']
      ? []
      : [{ kernel: 'reweigh', read: k * (row + slopes + 4), written: k * (row + slopes) }]),
    { kernel: 'moments', read: k * (row + slopes + VALUE + 4), written: parts },
    { kernel: 'update', read: parts, written: 0 },
  ];
  if (method !== 'gmmvi-semtron') return kernels;
  return [
    ...kernels,
    { kernel: 'log ratio again', read: row + VALUE + weighing.read, written: 4 + weighing.written },
    { kernel: 'reward', read: k * (VALUE + 4), written: 0 },
  ];
}

/** Partial sums of the leaves of `components`, shared out to the samples of a leaf. */
function partBytes({ d, k, n }: Shape, components: number, leafSamples: number): number {
  const samples = components === 1 ? n / k : n;
  return (4 * partSize(d, 'full') * components * Math.ceil(samples / leafSamples)) / samples;
}

/**
 * A bitonic sort of each component's samples: pairs of key and index, 8 bytes, read and written by every dispatch. Of many samples a
 * histogram: a value read five times, counted in up to four bins on a way that is looked up each time (as if all bins were crowded), and the
 * utility written.
 */
function rankBytes({ k, n }: Shape): KernelBytes {
  if (n / k >= HISTOGRAM_FROM) return { kernel: 'rank', read: 4 * 19, written: 4 * 5 };
  const block = 1024;
  const padded = 2 ** Math.ceil(Math.log2(Math.max(n / k, 32)));
  let dispatches = 1;
  for (let width = 2 * block; width <= padded; width *= 2) dispatches += Math.log2(width / block) + 1;
  const room = padded / (n / k);
  return { kernel: 'rank', read: 4 + 8 * room * (dispatches - 1), written: 4 + 8 * room * (dispatches - 1) };
}

export function totalBytes(kernels: readonly KernelBytes[]): { read: number; written: number } {
  return kernels.reduce((sum, { read, written }) => ({ read: sum.read + read, written: sum.written + written }), { read: 0, written: 0 });
}

/**
 * Flops per particle: d^2 each to place it, for every component's density, and for every component whose moments it counts for. Random
 * numbers, exponentials, the objective and gradients are not counted, so that methods compare by the same work.
 */
export const iterationFlops = (method: MethodName, { d, k }: Shape): number => (isShared(method) ? 2 * k + 1 : k + 2) * d * d;

/** Bytes per particle by the three designs of performance.md section 9, own samples and score estimator. */
export function designBytes({ d }: Shape, particlesPerPart = LEAF): { apart: number; together: number; fused: number } {
  return {
    apart: 16 * d + 24,
    together: 8 * 4 * Math.ceil(d / 4) + 8,
    fused: (4 * (pairs(d, 'full') + d + 1)) / particlesPerPart,
  };
}
