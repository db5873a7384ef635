import { cases } from '../cases/shared.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/shared.ts', cases);
