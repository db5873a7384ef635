import { cases } from '../cases/inversion-forward.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('inversion: forward', cases);
