import { cases } from '../cases/random.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/random.ts', cases);
