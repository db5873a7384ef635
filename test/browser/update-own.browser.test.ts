import { cases } from '../cases/update-own.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/update-own.ts', cases);
