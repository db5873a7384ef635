import { cases } from '../cases/sample.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/sample.ts', cases);
