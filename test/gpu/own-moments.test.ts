import { cases } from '../cases/own-moments.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('own-moments', cases);
