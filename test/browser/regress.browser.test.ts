import { cases } from '../cases/regress.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/regress.ts', cases);
