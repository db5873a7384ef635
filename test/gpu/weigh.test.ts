import { cases } from '../cases/weigh.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('weigh', cases);
