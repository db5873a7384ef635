import { cases } from '../cases/inversion-sigma.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/inversion-sigma.ts', cases);
