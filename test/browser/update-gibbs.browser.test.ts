import { cases } from '../cases/update-gibbs.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/update-gibbs.ts', cases);
