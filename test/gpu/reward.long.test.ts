import { longCases } from '../cases/reward.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('reward, long', longCases);
