import { cases } from '../cases/darcy.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('darcy', cases);
