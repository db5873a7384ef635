import { longCases } from '../cases/weigh.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('weigh, long', longCases);
