import { longCases } from '../cases/density.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('density, long', longCases);
