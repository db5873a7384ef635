import { cases } from '../cases/weigh.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/weigh.ts', cases);
