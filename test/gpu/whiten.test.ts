import { cases } from '../cases/whiten.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('whiten', cases);
