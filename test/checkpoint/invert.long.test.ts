/** More inversions that go on from a checkpoint. */
import { describe, it } from 'vitest';
import { eks, gmbbvi, gmki, uki } from '../../src/index.ts';
import { type InversionCase, inversionResumesAlike, runInversion } from './inversion-runs.ts';
import { goesOnAlike } from './results.ts';

const methods: Record<string, InversionCase> = {
  'GMKI with drawn nodes': { method: gmki({ exploration: 'sampled', nodes: 64 }), components: 3 },
  UKI: { method: uki() },
  EKS: { method: eks({ particles: 30 }) },
};

describe('after 1, 7 and 50 iterations, then 62 in all', () => {
  for (const [name, options] of Object.entries(methods)) it(name, () => inversionResumesAlike(options));
});

it('GMBBVI, which looks at the density only, from anywhere', () =>
  goesOnAlike((more) => runInversion({ method: gmbbvi({ anneal: 10 }), components: 5, iterations: 30, ...more })));
