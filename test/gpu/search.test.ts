import { cases } from '../cases/search.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('search', cases);
