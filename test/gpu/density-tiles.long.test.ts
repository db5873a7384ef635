import { longCases } from '../cases/density-tiles.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('density by tiles, long', longCases);
