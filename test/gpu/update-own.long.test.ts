import { longCases } from '../cases/update-own.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('update-own, long', longCases);
