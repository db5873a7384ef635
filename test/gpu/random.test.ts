import { cases } from '../cases/random.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('random', cases);
