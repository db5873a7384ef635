import { longCases } from '../cases/compile.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('compile', longCases);
