import { cases } from '../cases/control.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/control.ts', cases);
