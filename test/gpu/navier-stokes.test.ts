import { cases } from '../cases/navier-stokes.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('navier-stokes', cases);
