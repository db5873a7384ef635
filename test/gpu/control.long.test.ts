import { longCases } from '../cases/control.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('control, long', longCases);
