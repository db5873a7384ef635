import { cases } from '../cases/pack.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('pack', cases);
