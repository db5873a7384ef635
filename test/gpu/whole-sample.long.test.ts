import { longCases } from '../cases/whole-sample.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('whole-sample, long', longCases);
