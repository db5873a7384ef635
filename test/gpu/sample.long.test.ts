import { longCases } from '../cases/sample.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('sample, long', longCases);
