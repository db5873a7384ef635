import { longCases } from '../cases/adapt.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('adapt, long', longCases);
