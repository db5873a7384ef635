/** All 432 codes, and the parts of the published table that take minutes; the rest is `npm run bench:gmmvi`. */
import { describe, it } from 'vitest';
import { gmmviCodes } from '../../src/index.ts';
import { runCode } from './gmmvi-codes.ts';

describe('every code runs', () => {
  it.each(gmmviCodes)('%s', (code) => runCode(code), 60_000);
});
