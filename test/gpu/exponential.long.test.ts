import { longCases } from '../cases/exponential.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('exponential, long', longCases);
