import { cases } from '../cases/rank.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/rank.ts', cases);
