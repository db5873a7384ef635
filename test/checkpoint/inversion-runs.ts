/** Inversions that checkpoint tests share. */
import { expect } from 'vitest';
import { problemInversion } from '../../src/cli/invert.ts';
import { type InversionResult, invert } from '../../src/index.ts';
import { bimodalInversion } from '../../src/problems/inversion-small.ts';
import { getDevice } from '../harness/device.ts';
import { timeless } from './results.ts';

export const inversion = problemInversion(bimodalInversion('centred'));

export type InversionCase = Partial<Omit<Parameters<typeof invert>[0], keyof typeof inversion>>;
export const runInversion = async (options: InversionCase): Promise<InversionResult> =>
  invert({ ...inversion, device: await getDevice(), seed: 4, ...options } as Parameters<typeof invert>[0]);

/** Of a run that stops after so many iterations. */
export async function lastOf(options: InversionCase): Promise<Uint8Array> {
  let last: Uint8Array | undefined;
  await runInversion({
    ...options,
    onCheckpoint: (checkpoint: Uint8Array) => {
      last = checkpoint;
    },
  });
  return last!;
}

/** Stopped after 1, 7 and 50 iterations, then gone on with to 62. */
export async function inversionResumesAlike(options: InversionCase): Promise<void> {
  const whole = timeless(await runInversion({ ...options, iterations: 62 }));
  for (const iterations of [1, 7, 50]) {
    const checkpoint = await lastOf({ ...options, iterations });
    expect(timeless(await runInversion({ ...options, iterations: 62, checkpoint })), `after ${iterations}`).toEqual(whole);
  }
}
