import { cases } from '../cases/pack.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/pack.ts', cases);
