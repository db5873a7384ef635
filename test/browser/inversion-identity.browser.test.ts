import { cases } from '../cases/inversion-identity.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/inversion-identity.ts', cases);
