import { cases } from '../cases/exponential.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('exponential', cases);
