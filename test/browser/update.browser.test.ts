import { cases } from '../cases/update.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/update.ts', cases);
