/** One-call functions that are interrupted, or finished, and gone on with. */
import { expect } from 'vitest';

type Anything = Record<string, unknown>;

/** A result without what tells of the clock or the process. */
export function timeless(result: object): Anything {
  const { seconds: _, gpuBytes: __, message: ___, ...rest } = result as Anything;
  return rest;
}

/**
 * Runs whole, with a checkpoint at every opportunity, and resumes from some of them: all end with the same result.
 * @param run makes the run with more options @param picks of how many checkpoints each is resumed from
 */
export async function goesOnAlike(run: (more: Anything) => Promise<object>, picks = 4): Promise<Uint8Array[]> {
  const whole = timeless(await run({}));
  const kept: Uint8Array[] = [];
  const watched = await run({
    checkpointEvery: 0,
    onCheckpoint: (checkpoint: Uint8Array) => {
      kept.push(checkpoint);
    },
  });
  expect(timeless(watched), 'keeping checkpoints changed the result').toEqual(whole);
  expect(kept.length).toBeGreaterThan(0);
  const chosen = new Set(Array.from({ length: picks }, (_, i) => Math.round((i * (kept.length - 1)) / Math.max(picks - 1, 1))));
  for (const at of chosen) {
    const resumed = timeless(await run({ checkpoint: kept[at]! }));
    expect(resumed, `resumed from checkpoint ${at + 1} of ${kept.length}`).toEqual(whole);
  }
  return kept;
}
