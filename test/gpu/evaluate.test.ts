import { cases } from '../cases/evaluate.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('evaluate', cases);
