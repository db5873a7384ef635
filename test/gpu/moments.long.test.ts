import { longCases } from '../cases/moments.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('moments, long', longCases);
