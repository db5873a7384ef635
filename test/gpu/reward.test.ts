import { cases } from '../cases/reward.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('reward', cases);
