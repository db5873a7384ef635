import { cases } from '../cases/navier-stokes.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/navier-stokes.ts', cases);
