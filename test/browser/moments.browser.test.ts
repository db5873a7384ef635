import { cases } from '../cases/moments.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/moments.ts', cases);
