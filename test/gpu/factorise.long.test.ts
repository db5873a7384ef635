import { longCases } from '../cases/factorise.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('factorise, long', longCases);
