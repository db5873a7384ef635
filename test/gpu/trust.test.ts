import { cases } from '../cases/trust.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('trust', cases);
