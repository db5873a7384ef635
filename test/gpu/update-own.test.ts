import { cases } from '../cases/update-own.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('update-own', cases);
