import { cases } from '../cases/moments.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('moments', cases);
