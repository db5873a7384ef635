import { longCases } from '../cases/trust.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('trust, long', longCases);
