import { cases } from '../cases/inversion-forward.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/inversion-forward.ts', cases);
