import { longCases } from '../cases/ensemble.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('ensemble, long', longCases);
