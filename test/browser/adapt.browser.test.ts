import { cases } from '../cases/adapt.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/adapt.ts', cases);
