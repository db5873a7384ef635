import { cases } from '../cases/inversion-explore.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/inversion-explore.ts', cases);
