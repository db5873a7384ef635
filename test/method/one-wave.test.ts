/** One wave, few seeds: the long test of the same name has the statistics. */
import { expect, it } from 'vitest';
import { peakRatio } from './peak-ratio.ts';

it.each([
  ['triangle', undefined, 0.05],
  ['styblinski-tang', 4, 0.1],
] as const)('%s: one wave of the defaults, K = 8, finds every global mode', async (name, dimension, distance) => {
  const { ratios } = await peakRatio(name, dimension, { components: 8 }, { distance, seeds: 3 });
  expect(ratios).toEqual([1, 1, 1]);
});
