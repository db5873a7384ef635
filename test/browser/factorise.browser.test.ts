import { cases } from '../cases/factorise.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/factorise.ts', cases);
