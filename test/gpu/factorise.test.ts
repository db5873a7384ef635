import { cases } from '../cases/factorise.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('factorise', cases);
