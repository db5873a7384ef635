import { cases } from '../cases/worker.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/worker.ts', cases);
