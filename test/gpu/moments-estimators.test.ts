import { cases } from '../cases/moments-estimators.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('moments-estimators', cases);
