import { longCases } from '../cases/update.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('update, long', longCases);
