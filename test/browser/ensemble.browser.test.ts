import { cases } from '../cases/ensemble.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/ensemble.ts', cases);
