/** GMBBVI's errors on the plane's inverse problems against the sheet's (kalman.md 5.9, last column): the mean of five seeds. */
import { expect, it } from 'vitest';
import { planeDistances } from './gmbbvi-runs.ts';

it.each([
  ['plane-gaussian', 0.0015],
  ['plane-four-modes', 0.026],
  ['plane-circle', 0.046],
  ['plane-banana', 0.11],
  ['plane-double-banana', 0.05],
] as const)(
  '%s: an L1 error of about %d',
  async (name, published) => {
    const { mean, standardError, distances } = await planeDistances(name, {});
    expect(mean, `${mean} +- ${standardError}: ${distances}`).toBeLessThan(1.2 * published + 0.005);
  },
  300_000,
);
