import { cases } from '../cases/density-tiles.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/density-tiles.ts', cases);
