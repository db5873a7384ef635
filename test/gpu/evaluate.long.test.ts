import { longCases } from '../cases/evaluate.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('evaluate, long', longCases);
