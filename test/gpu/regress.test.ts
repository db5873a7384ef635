import { cases } from '../cases/regress.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('regress', cases);
