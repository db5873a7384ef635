/** All 432 codes, and the part of the published table that takes no more than a minute; the rest is `npm run bench:gmmvi`. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gmmviRuns, makeTarget } from '../../bench/gmmvi-settings.ts';
import { problemTarget } from '../../src/cli/target.ts';
import { gmmvi, gmmviCodes, sample } from '../../src/index.ts';
import { getDevice } from '../harness/device.ts';
import { runCode } from './gmmvi-codes.ts';

describe('every code runs', () => {
  it.each(gmmviCodes)('%s', (code) => runCode(code), 60_000);
});

describe('German credit', () => {
  const there = existsSync(fileURLToPath(new URL('../../../shared/data/german.data-numeric', import.meta.url)));
  it.skipIf(!there)(
    'SAMTRON by the published settings is below 585.2 after 45 iterations, and not below the evidence (needs ../shared/data)',
    async () => {
      const device = await getDevice();
      const settings = gmmviRuns.find(({ target, code }) => target === 'german-credit' && code === 'SAMTRON')!;
      const elbos: number[] = [];
      for (const seed of [0, 1]) {
        const { problem, start } = makeTarget('german-credit', seed, 1);
        const method = gmmvi('SAMTRON', settings.options);
        const result = await sample({ ...problemTarget(problem), boundary: 'none', device, seed, start, method, iterations: 45 });
        expect(-result.elbo + 3 * result.elboStandardError).toBeGreaterThan(settings.floor);
        expect(Math.abs(result.logEvidence.value + 585.097)).toBeLessThan(5 * result.logEvidence.standardError + 0.004);
        expect(result.evaluations).toBeLessThan(40_000);
        elbos.push(-result.elbo);
      }
      const mean = elbos.reduce((sum, elbo) => sum + elbo, 0) / elbos.length;
      // The reference code's median to 585.2 is 14,800 evaluations (VIPS).
      expect(mean).toBeLessThan(585.2);
    },
    180_000,
  );
});
