import { cases } from '../cases/exponential.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/exponential.ts', cases);
