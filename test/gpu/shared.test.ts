import { cases } from '../cases/shared.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('shared', cases);
