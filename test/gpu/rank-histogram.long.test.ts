import { longCases } from '../cases/rank-histogram.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('rank histogram, long', longCases);
