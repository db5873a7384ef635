import { longCases } from '../cases/navier-stokes.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('navier-stokes, long', longCases);
