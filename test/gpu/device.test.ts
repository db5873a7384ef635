import { cases } from '../cases/device.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('device', cases);
