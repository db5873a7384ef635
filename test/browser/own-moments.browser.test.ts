import { cases } from '../cases/own-moments.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/own-moments.ts', cases);
