import { cases } from '../cases/ensemble.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('ensemble', cases);
