import { cases } from '../cases/inversion-sigma.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('inversion: sigma points', cases);
