import { cases } from '../cases/trust.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/trust.ts', cases);
