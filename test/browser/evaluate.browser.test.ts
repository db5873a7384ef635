import { cases } from '../cases/evaluate.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/evaluate.ts', cases);
