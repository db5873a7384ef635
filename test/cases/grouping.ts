/** Kernels whose invocations take groups of samples: which groupings tests run, and the parameters packed for them. */
import { ALONE, type Grouping, packedRoom, packedVectors } from '../../src/kernels/compose.ts';
import { packKernel } from '../../src/kernels/pack.ts';
import type { Covariance } from '../../src/kernels/state.ts';
import { fitsVariables } from '../../src/run/variants.ts';
import type { Bench } from './kernel-run.ts';

/** Room for components in tests' uniforms. */
export const ROOM = 10;

export const groupings: readonly Grouping[] = [
  { size: 8, memory: 'uniform' },
  ALONE,
  { size: 4, memory: 'storage' },
  { size: 8, memory: 'storage' },
  { size: 4, memory: 'uniform' },
];

/** Those that neighbouring invocations read packed parameters for, where the device lets them. */
export const quadGroupings = (device: GPUDevice, dim: number): readonly Grouping[] =>
  device.features.has('subgroups')
    ? (fitsVariables(4, dim) ? ([8, 4] as const) : ([2] as const))
        .filter((size) => fitsVariables(size, dim))
        .map((size, i) => ({ size, memory: i === dim % 2 && fitsUniform(dim) ? 'uniform' : 'storage', quads: true }))
    : [];

/** Packs what a grouped kernel reads, from the mixture that lies on the bench. */
export async function packFor(bench: Bench, dim: number, covariance: Covariance, grouping: Grouping = ALONE): Promise<void> {
  if (covariance === 'diagonal' || grouping.size === 1) return;
  bench.put({ ms_packed: 4 * packedRoom(dim, ROOM, grouping) });
  await bench.dispatch(packKernel({ dim }), ROOM);
}

/** A uniform holds 64 KiB. */
export const fitsUniform = (dim: number): boolean => 16 * ROOM * packedVectors(dim) <= 65536;

/** The `turn`-th grouping that has room at this d. */
export function groupingOf(turn: number, dim: number): Grouping {
  const grouping = groupings[turn % groupings.length];
  return grouping.memory === 'uniform' && !fitsUniform(dim) ? { size: grouping.size, memory: 'storage' } : grouping;
}
