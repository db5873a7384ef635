import { longCases } from '../cases/inversion-identity.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('inversion: identities, long', longCases);
