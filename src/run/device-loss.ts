/** Runs that outlive their device: from the last checkpoint on a new one. */
import type { Gpu } from '../gpu/device.ts';
import { DeviceLostError } from '../gpu/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import type * as Tools from './checkpoint-tools.ts';
import type { Keeping } from './keeping.ts';

export interface Survival {
  checkpoint?: Checkpoint | undefined;
  /** Seconds of running that the checkpoint knows nothing of: a lost device took their work along. */
  lost?: number | undefined;
  keeping?: Keeping | undefined;
  /** With `checkpoint` or `keeping`. */
  tools?: typeof Tools | undefined;
  /** Opens the device to go on with after a loss; none: a loss ends the run. */
  reopen?: (() => Promise<Gpu>) | undefined;
}

/** Seconds that a run which goes on has taken before. */
export const secondsBefore = ({ checkpoint, lost = 0 }: Survival): number => (checkpoint?.seconds ?? 0) + lost;

/** Losses in a row without a new checkpoint in between: then it is the run that loses devices. */
const MOST_LOSSES = 3;

/** Runs, and after a loss runs on with the last checkpoint; without one, from the beginning. */
export async function surviving<S extends Survival, T>(gpu: Gpu, settings: S, run: (gpu: Gpu, settings: S) => Promise<T>): Promise<T> {
  const { keeping, reopen } = settings;
  let [device, now] = [gpu, settings];
  let losses = 0;
  const began = performance.now();
  try {
    for (;;) {
      try {
        return await run(device, now);
      } catch (error) {
        if (!(error instanceof DeviceLostError) || !reopen) throw error;
        const checkpoint = keeping?.last ?? settings.checkpoint;
        losses = checkpoint === now.checkpoint ? losses + 1 : 1;
        if (losses > MOST_LOSSES) throw error;
        device = await reopen();
        const since = keeping?.last ? keeping.lastAt : began;
        now = { ...settings, checkpoint, lost: (performance.now() - since) / 1000 };
      }
    }
  } finally {
    await keeping?.finish();
  }
}
