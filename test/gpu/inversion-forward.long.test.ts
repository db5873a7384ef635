import { longCases } from '../cases/inversion-forward.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('inversion: forward, long', longCases);
