import { cases } from '../cases/inversion-identity.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('inversion: identities', cases);
