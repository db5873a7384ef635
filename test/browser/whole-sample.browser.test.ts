import { cases } from '../cases/whole-sample.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/whole-sample.ts', cases);
