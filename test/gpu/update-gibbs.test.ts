import { cases } from '../cases/update-gibbs.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('update-gibbs', cases);
