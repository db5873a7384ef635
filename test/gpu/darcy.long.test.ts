import { longCases } from '../cases/darcy.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('darcy, long', longCases);
