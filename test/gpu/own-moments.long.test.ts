import { longCases } from '../cases/own-moments.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('own-moments, long', longCases);
