import { cases } from '../cases/reward.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/reward.ts', cases);
