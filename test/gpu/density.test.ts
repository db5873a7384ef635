import { cases } from '../cases/density.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('density', cases);
