import { cases } from '../cases/update.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('update', cases);
