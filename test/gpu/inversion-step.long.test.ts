import { longCases } from '../cases/inversion-step.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('inversion: step and weights, long', longCases);
