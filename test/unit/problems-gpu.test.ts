import { cases } from '../cases/problems.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('problems on the GPU', cases);
