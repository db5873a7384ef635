import { longCases } from '../cases/regress.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('regress, long', longCases);
