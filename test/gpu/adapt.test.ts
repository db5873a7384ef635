import { cases } from '../cases/adapt.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('adapt', cases);
