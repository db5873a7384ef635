import { longCases } from '../cases/shared.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('shared, long', longCases);
