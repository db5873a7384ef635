import { cases } from '../cases/rank-histogram.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/rank-histogram.ts', cases);
