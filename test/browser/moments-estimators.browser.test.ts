import { cases } from '../cases/moments-estimators.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/moments-estimators.ts', cases);
