import { cases } from '../cases/control.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('control', cases);
