import { cases } from '../cases/darcy.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/darcy.ts', cases);
