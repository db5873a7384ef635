import { cases } from '../cases/component-moments.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('component-moments', cases);
