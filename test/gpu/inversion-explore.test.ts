import { cases } from '../cases/inversion-explore.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('inversion: exploration', cases);
