import { cases } from '../cases/density.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/density.ts', cases);
