import { longCases } from '../cases/rank.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('rank, long', longCases);
