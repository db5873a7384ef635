import { cases } from '../cases/checkpoint.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/checkpoint.ts', cases);
