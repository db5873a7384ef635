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
    let polls = 0;
    let polling = true;
    const poll = () => {
      polls++;
      if (polling) setImmediate(poll);
    };
    poll();
    const before = process.cpuUsage();
    await patiently(sleep(400));
    const { user, system } = process.cpuUsage(before);
    polling = false;
    expect(polls).toBeGreaterThan(100);
    expect(user + system).toBeLessThan(0.5 * 400_000);
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
