import { cases } from '../cases/component-moments.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/component-moments.ts', cases);
