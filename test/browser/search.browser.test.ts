import { cases } from '../cases/search.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/search.ts', cases);
