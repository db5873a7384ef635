import { cases } from '../cases/inversion-step.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/inversion-step.ts', cases);
