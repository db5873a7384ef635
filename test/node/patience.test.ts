import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { patiently } from '../../src/gpu/patience.ts';

describe('waiting for the GPU in Node', () => {
  it('gives the outcome, or the error', async () => {
    await expect(patiently(Promise.resolve(7))).resolves.toBe(7);
    await expect(patiently(Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  });

  it('leaves the processor alone, whatever polls', async () => {
    // As Dawn's bindings do.
    let polling = true;
    const poll = () => {
      if (polling) setImmediate(poll);
    };
    poll();
    const busy = async (wait: () => Promise<unknown>) => {
      const before = process.cpuUsage();
      await wait();
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await busy(() => sleep(100));
    const impatient = await busy(() => sleep(500));
    const patient = await busy(() => patiently(sleep(500)));
    polling = false;
    expect(patient).toBeLessThan(0.6 * impatient);
  });

  it('lets timers go on, and ends its rests with the last of several waits', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await Promise.all([patiently(sleep(300)), patiently(sleep(100))]);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
    // Nothing rests any more: a thousand turns of the loop take no time to speak of.
    const begun = performance.now();
    for (let turn = 0; turn < 1000; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
