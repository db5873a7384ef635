import { longCases } from '../cases/inversion-explore.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('inversion: exploration, long', longCases);
