import { cases } from '../cases/sample.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('sample', cases);
