import { cases } from '../cases/rank.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('rank', cases);
